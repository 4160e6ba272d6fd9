// Entry of the page: reads the data block and draws.

import { render } from 'preact';
import { App } from './app.tsx';
import { readData } from './read-data.ts';
import { TextApp } from './text/text-app.tsx';

const root = document.getElementById('app')!;
const data = readData(document.getElementById('report-data')?.textContent ?? '');
render(
  data === null ? (
    <main class="page">
      <h1>This report cannot be read</h1>
      <p>Its data block is damaged. Make the report again, or read explanation.json beside this file.</p>
    </main>
  ) : data.kind === 'text' ? (
    <TextApp data={data} />
  ) : (
    <App data={data} />
  ),
  root,
);
