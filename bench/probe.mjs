// Loaded before the program that is measured (node --import): at its end, writes what it used.

import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, peak: peakBytes() };
    writeFileSync(process.env.CRAFT_BENCH_USAGE, JSON.stringify(usage));
  });
}

/** Of this program alone: maxRSS also counts the process that started it, up to exec. */
function peakBytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
