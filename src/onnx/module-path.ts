// Which torch module a node comes from, as the exporters write it down.

import type { NodeProto } from './proto/onnx_pb.ts';

/**
 * Path of the module that a node was exported from, or ''.
 *
 * The dynamo exporter writes the chain of modules and then the node's own name into the metadata
 * `pkg.torch.onnx.name_scopes`: "['', 'layer4', 'layer4.1', 'relu_1']". The older exporter names nodes
 * by scope, and repeats a container's name in its children: "/layer4/layer4.1/Relu" is of layer4.1.
 */
export function modulePath(node: NodeProto): string {
  const scopes = node.metadataProps.find((p) => p.key === 'pkg.torch.onnx.name_scopes')?.value;
  if (scopes !== undefined) {
    const modules = [...scopes.matchAll(/'([^']*)'|"([^"]*)"/g)].map((m) => m[1] ?? m[2]);
    return modules.slice(0, -1).at(-1) ?? '';
  }
  if (!node.name.startsWith('/')) return '';
  const path: string[] = [];
  for (const part of node.name.split('/').slice(1, -1)) {
    if (path.length > 0 && part.startsWith(`${path[path.length - 1]}.`)) path[path.length - 1] = part;
    else path.push(part);
  }
  return path.join('.');
}
