// QUANTIZE, DEQUANTIZE, FAKE_QUANT: on real numbers they change nothing but the activation that the
// quantisation implies (activation.ts).

import { addActivation, impliedActivation } from './activation.ts';
import { malformed } from './fail.ts';
import type { Importer } from './importer.ts';
import type { TfliteOperator } from './read.ts';
import { Activation } from './schema.ts';

export function dequantize(importer: Importer, o: TfliteOperator): void {
  passOn(importer, o, Activation.NONE);
}

export function quantize(importer: Importer, o: TfliteOperator): void {
  passOn(importer, o, impliedActivation(importer.tensor(importer.operand(o, 0, 'outputs'))));
}

/** Its range is in the options: from 0, a ReLU; from 0 to 6, a ReLU6. */
export function fakeQuant(importer: Importer, o: TfliteOperator): void {
  const [min, max] = [o.options.float32(0), o.options.float32(1)];
  if (!(min <= max)) throw malformed(o.op, 'min ≤ max', [min, max]);
  const activation =
    min < 0 ? Activation.NONE : Math.abs(max - 6) < 0.05 ? Activation.RELU6 : Activation.RELU;
  passOn(importer, o, activation);
}

function passOn(importer: Importer, o: TfliteOperator, activation: number): void {
  const index = importer.operand(o, 0);
  if (importer.isConstant(index)) {
    importer.aliasConstant(o, index);
    return;
  }
  const x = importer.value(index);
  if (activation === Activation.NONE) importer.alias(o, x);
  else addActivation(importer, activation, x.name, importer.define(o, x));
}
