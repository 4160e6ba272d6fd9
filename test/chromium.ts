// The browser that tests drive: one that is installed, never a download.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Path of an installed Chromium, or null; then it says so, since the tests that need it are skipped. */
export function findChromium(): string | null {
  const path = places.find((place) => place && existsSync(place)) ?? null;
  if (path === null) {
    console.warn('SKIPPED: no Chromium at $CHROME_PATH, /usr/bin/chromium or /usr/bin/chromium-browser');
  }
  return path;
}

/** WebGPU that computes on the processor, where there is no GPU. */
const SWIFTSHADER = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** Starts it without a window, and without anything that talks to a network by itself. */
export function launchChromium(
  executablePath: string,
  gpu: 'none' | 'swiftshader' = 'none',
): Promise<Browser> {
  const args = [
    '--no-sandbox', // as root, in a container, it does not start with one
    ...(gpu === 'none' ? ['--disable-gpu'] : SWIFTSHADER),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, headless: true, args });
}
