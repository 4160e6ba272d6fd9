// One node of the active path as its gradient rule sees it.
//
// Notation: x = inputs, y = outputs, g = the gradient of a scalar with respect to y (same dims as y). A
// rule makes, for each input that needs it, the gradient with respect to x: Σ g · ∂y/∂x.

import { CraftError } from '../errors.ts';
import { floatOf, intOf, intsOf, stringOf } from './attributes.ts';
import type { Emitter } from './differentiate-emit.ts';
import { describe, type Graph } from './graph.ts';
import { isWeight } from './is-weight.ts';
import { constantValues } from './node-axes.ts';
import type { NodeProto } from './proto/onnx_pb.ts';
import type { Dim, Shapes } from './shapes/infer.ts';
import { axisOf, type Dims } from './shapes/value.ts';

/** Gradients with respect to the inputs, in their order; null (or none) where there is none. */
export type Gradients = readonly (string | null)[];

/** Makes the gradients of one op. */
export type GradRule = (c: GradCall) => Gradients;

/** What works without gradients: the end of the message of every op that has none. */
export const STILL_WORKS = 'cut after it, or use what needs no gradients: cutModel, latent maps, occlusion';

/** What a rule reads and asks of the transformation around it. */
export interface Surroundings {
  readonly graph: Graph;
  readonly shapes: Shapes;
  /** Whether a tensor carries values that are differentiated. */
  readonly isActive: (tensor: string) => boolean;
  /** Name of an output of a forward node that the model may leave out (Indices, Mean). */
  readonly forwardOutput: (node: NodeProto, index: number) => string;
}

export class GradCall {
  readonly node: NodeProto;
  /** Where the rule writes its nodes. */
  readonly b: Emitter;
  /** Gradients of the outputs; null for one that does not reach the target. */
  readonly gradients: Gradients;
  readonly #around: Surroundings;

  constructor(node: NodeProto, b: Emitter, gradients: Gradients, around: Surroundings) {
    this.node = node;
    this.b = b;
    this.gradients = gradients;
    this.#around = around;
  }

  /** The first input. */
  get x(): string {
    return this.input(0);
  }

  /** The first output. */
  get y(): string {
    return this.node.output[0];
  }

  /** Gradient of the first output. */
  get g(): string {
    return this.gradients[0] ?? this.b.zerosLike(this.y);
  }

  get opset(): number {
    return this.#around.graph.opset;
  }

  has(index: number): boolean {
    return Boolean(this.node.input[index]);
  }

  input(index: number): string {
    const name = this.node.input[index];
    if (name) return name;
    throw new CraftError(
      'MODEL_FORMAT',
      `differentiate: expected input ${index} of ${describe(this.node)}; got none; check the model with onnx.checker`,
    );
  }

  needs(index: number): boolean {
    return this.has(index) && this.#around.isActive(this.node.input[index]);
  }

  /** Gradients for all inputs that need one. */
  each(make: (input: string, index: number) => string): Gradients {
    return this.node.input.map((input, i) => (this.needs(i) ? make(input, i) : null));
  }

  forwardOutput(index: number): string {
    return this.#around.forwardOutput(this.node, index);
  }

  typeOf(tensor: string): number {
    return this.#around.shapes.typeOf(tensor);
  }

  /** Dims: numbers where they are fixed; null if the rank is unknown. */
  dims(tensor: string): Dim[] | null {
    return this.#around.shapes.dimsOf(tensor);
  }

  dimsAtPins(tensor: string): Dims[] | null {
    return this.#around.shapes.dimsAtPins(tensor);
  }

  rank(tensor: string): number {
    const dims = this.dims(tensor);
    if (dims) return dims.length;
    throw this.unsupported(`"${tensor}" of unknown rank`);
  }

  /** Size of an axis that is fixed; null if it is free. */
  size(tensor: string, axis: number): number | null {
    const size = this.dims(tensor)?.[axis];
    return typeof size === 'number' ? size : null;
  }

  /** All dims if they are fixed. */
  fixedDims(tensor: string): number[] | null {
    const dims = this.dims(tensor);
    return dims?.every((d): d is number => typeof d === 'number') ? dims : null;
  }

  /** Values of a small constant input. */
  constant(index: number): readonly number[] | null {
    return this.has(index) ? constantValues(this.#around.graph, this.node.input[index]) : null;
  }

  /** The node that makes a tensor. */
  producer(tensor: string): NodeProto | undefined {
    return this.#around.graph.producer.get(tensor);
  }

  /** How many nodes read a tensor. */
  readers(tensor: string): number {
    return this.#around.graph.consumers.get(tensor)?.length ?? 0;
  }

  /** Whether the values are there when the model is loaded. */
  isWeight(tensor: string): boolean {
    return isWeight(this.#around.graph, tensor);
  }

  int(name: string, otherwise: number): number {
    return intOf(this.node, name, otherwise);
  }

  ints(name: string): number[] | null {
    return intsOf(this.node, name);
  }

  float(name: string, otherwise: number): number {
    return floatOf(this.node, name, otherwise);
  }

  string(name: string, otherwise: string): string {
    return stringOf(this.node, name, otherwise);
  }

  /** An axis in [0, rank). */
  axis(axis: number, rank: number): number {
    const a = axisOf(axis, rank);
    if (Number.isNaN(a)) throw this.unsupported(`axis ${axis} of ${rank}`);
    return a;
  }

  /** The error of a form of the op that has no gradient. */
  unsupported(what: string): CraftError {
    return new CraftError(
      'MODEL_UNSUPPORTED',
      `differentiate: expected ops with a gradient on the path; got ${describe(this.node)} with ${what}; ${STILL_WORKS}`,
    );
  }
}
