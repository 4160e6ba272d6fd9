// Makes src/onnx/proto/onnx_pb.ts from onnx.proto. Run by hand after a change of the .proto: node scripts/proto.mjs
// The two tools are fetched from npm for this one run; they are no dependency of the project.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tools = mkdtempSync(join(tmpdir(), 'craft-proto-'));
execFileSync(
  'npm',
  ['install', '--prefix', tools, '--no-save', '@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0'],
  { stdio: 'inherit' },
);
const template = join(tools, 'buf.gen.yaml');
writeFileSync(
  template,
  `version: v2\nplugins:\n  - local: ${join(tools, 'node_modules/.bin/protoc-gen-es')}\n    out: src/onnx/proto\n    opt: [target=ts, import_extension=ts]\n`,
);
execFileSync(join(tools, 'node_modules/.bin/buf'), ['generate', 'src/onnx/proto', '--template', template], {
  stdio: 'inherit',
});
