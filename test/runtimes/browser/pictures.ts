// Pictures of the pages, to look at: CRAFT_XAI_SCREENSHOTS names a folder for them; none are made without it.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

export async function look(page: Page, name: string, fullPage = true): Promise<void> {
  const folder = process.env.CRAFT_XAI_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
