// The pictures of docs/report.md, taken from reports. None shows a photograph, since those of the demo have a licence
// of their own.
//
//   npm run build
//   node dist/bundle/cli.js demo text --out text
//   node dist/bundle/cli.js report text --model …/model.onnx
//   node dist/bundle/cli.js explain MODEL IMAGES --class … --evaluate --out images
//   node scripts/report-pictures.mjs text images
//
// Chromium is taken from $CHROME_PATH or /usr/bin/chromium.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const [text, images] = process.argv.slice(2);
if (!text || !images) {
  console.error('usage: node scripts/report-pictures.mjs TEXT_REPORT IMAGE_REPORT_WITH_EVALUATION');
  process.exit(2);
}

/** Name of the file, folder of the report, place in it, element, what is done before. */
const pictures = [
  ['report-importance', text, 'importance', '.chart'],
  ['report-sliders', text, `input-${lastExample(text) + 1}`, '.local', turnDown],
  ['report-curves', images, 'evaluation', '.orders >> nth=-1'],
];

/** Its text is in the page. */
function lastExample(folder) {
  return JSON.parse(readFileSync(resolve(folder, 'explanation.json'), 'utf8')).examples.at(-1);
}

/** Starts the second half of the model, and turns the first concept half down. */
async function turnDown(page) {
  await page.getByRole('button', { name: /^Run it here/ }).click();
  const slider = page.locator('.local input[type=range]:enabled').first();
  await slider.waitFor({ timeout: 60_000 });
  await slider.fill('50');
  await page.waitForTimeout(1000);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
for (const [name, folder, place, selector, act] of pictures) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(resolve(folder, 'index.html'))}#${place}`);
  await page.addStyleTag({ content: '.top-bar, .sub-page .page-nav { visibility: hidden; }' });
  await page.waitForTimeout(1000); // drawings come when they are near
  await act?.(page);
  const png = await page.locator(selector).screenshot();
  const { size } = await sharp(png).webp({ quality: 75 }).toFile(`${docs}${name}.webp`);
  console.log(`${name}.webp ${(size / 1000).toFixed(0)} kB`);
  await page.close();
}
await browser.close();
