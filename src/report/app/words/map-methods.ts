// The methods of maps, for a reader.

const names: Record<string, string> = {
  latent: 'Layer',
  'grad-cam': 'Grad-CAM',
  saliency: 'Saliency',
  'gradient-input': 'Gradient × input',
  'smooth-grad': 'SmoothGrad',
  'integrated-gradients': 'Integrated gradients',
  occlusion: 'Occlusion',
  rise: 'RISE',
  random: 'Chance',
};

export const methodName = (method: string): string => names[method] ?? method;

/** What a map of the method shows; `h` × `w` are its cells. */
export function methodWords(method: string, h: number, w: number): string {
  switch (method) {
    case 'latent':
      return `Colour shows where a concept is present. The model’s layer has only ${h} × ${w} cells for an image: finer shapes come from smoothing.`;
    case 'grad-cam':
      return 'Colour shows which cells of the layer add to the concept of the whole image.';
    case 'saliency':
    case 'smooth-grad':
      return 'Colour shows the pixels whose change would change the concept fastest, whichever way.';
    case 'gradient-input':
    case 'integrated-gradients':
      return 'Colour shows the pixels that add to the concept; those that take from it are not drawn.';
    case 'occlusion':
      return 'Colour shows the patches without which the concept is weaker.';
    case 'rise':
      return 'Colour shows the places that random masks keep when the concept stays strong.';
    default:
      return 'Colour shows where a concept is.';
  }
}
