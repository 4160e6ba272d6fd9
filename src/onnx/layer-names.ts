// From what a user calls a layer to its tensor: a tensor, a node, or a torch module.

import { CraftError } from '../errors.ts';
import type { Analysis } from './analysis.ts';
import { closestNames } from './closest-names.ts';
import { modulePath } from './module-path.ts';
import type { NodeProto } from './proto/onnx_pb.ts';

/** How many valid cuts an error lists: the last ones, where layers are chosen. */
const LISTED_CUTS = 6;

/**
 * The tensor of the path that `name` stands for: a tensor's name, else a node's (with or without its
 * leading slash), else a torch module path; of a module, what it makes last (`features.3` of
 * `features.3.conv`, and `relu_1`, the second call of `relu`).
 *
 * @throws {@link CraftError} `LAYER_NOT_FOUND` with the closest names and some valid cuts.
 */
export function resolveLayer(analysis: Analysis, name: string): string {
  const { path, graph } = analysis;
  if (path.position.has(name)) return name;
  const plain = name.replace(/^\/+/, '');
  const made = (node: NodeProto): string | undefined => node.output.find((o) => path.position.has(o));
  const byName = path.nodes.find((n) => n.name !== '' && n.name.replace(/^\/+/, '') === plain);
  if (byName && plain !== '') return made(byName)!;
  const dotted = plain.replaceAll('/', '.');
  const ofModule = dotted === '' ? undefined : path.nodes.findLast((n) => belongsTo(modulePath(n), dotted));
  if (ofModule) return made(ofModule)!;

  const exists = graph.producer.has(name) || graph.initializers.has(name) || name === path.input;
  const close = closestNames(name, candidateNames(analysis));
  throw new CraftError(
    'LAYER_NOT_FOUND',
    `resolveLayer: expected a layer between "${path.input}" and "${path.output}"; got "${name}", ${exists ? 'which does not carry the input to the output' : 'which no tensor, node or module is called'}; closest names: ${quoted(close)}; valid cuts: ${quoted(path.cuts.slice(-LISTED_CUTS - 1, -1))}`,
  );
}

function belongsTo(module: string, wanted: string): boolean {
  if (module === wanted || module.startsWith(`${wanted}.`)) return true;
  // a module that is called again gets _1, _2 …
  return module.startsWith(`${wanted}_`) && /^\d+$/.test(module.slice(wanted.length + 1));
}

function candidateNames(analysis: Analysis): Set<string> {
  const names = new Set<string>(analysis.path.cuts);
  for (const node of analysis.path.nodes) {
    if (node.name) names.add(node.name);
    const module = modulePath(node);
    // every module around it: `a`, `a.b`, `a.b.c`
    for (let end = module.indexOf('.'); end >= 0; end = module.indexOf('.', end + 1))
      names.add(module.slice(0, end));
    if (module) names.add(module);
  }
  return names;
}

/** `"a", "b"`; `(none)` for an empty list. */
export function quoted(names: readonly string[]): string {
  return names.length === 0 ? '(none)' : names.map((n) => `"${n}"`).join(', ');
}
