// One colour a concept. The first six are Okabe and Ito's; the others keep as far from them, also for readers with
// protanopia, deuteranopia or tritanopia (least distance 0.076 in Oklab). A number always stands beside the colour:
// after ten concepts the colours come again.

const colours = [
  '#0072b2', // blue
  '#d55e00', // vermillion
  '#009e73', // green
  '#cc79a7', // pink
  '#e69f00', // orange
  '#56b4e9', // sky
  '#963c3c', // maroon
  '#a569ff', // violet
  '#b4b496', // khaki
  '#7800f0', // purple
];

/** Of a concept, by its id: '#rrggbb'. */
export const colourOf = (id: number): string => colours[id % colours.length];

/** Red, green, blue, each 0 … 255. */
export function channels(colour: string): [number, number, number] {
  const bits = Number.parseInt(colour.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

/** Black or white, whichever stands out more on the colour (WCAG relative luminance). */
export function inkOn(colour: string): string {
  const [r, g, b] = channels(colour).map((c) => {
    const v = c / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return luminance > 0.179 ? '#000' : '#fff'; // 0.179: where both have the same contrast
}
