// Scripts beside the page: the one way to read a file from a page that is itself a file. Each hands over a value.

interface Receiver {
  receive(name: string, value: unknown): void;
}

const received = new Map<string, unknown>();

/** Runs the script, once; `name` of what it hands over. Fails if it is not there, or hands over nothing. */
export async function receive(path: string, name: string): Promise<unknown> {
  (globalThis as unknown as { craftXai: Receiver }).craftXai = {
    receive: (key, value) => received.set(key, value),
  };
  if (!received.has(name)) await run(path);
  if (!received.has(name)) throw new Error(`${path} does not hold what it should`);
  return received.get(name);
}

function run(path: string): Promise<void> {
  return new Promise((done, fail) => {
    const script = document.createElement('script');
    script.onload = () => done();
    script.onerror = () => fail(new Error(`${path} is not beside this page`));
    script.src = path;
    document.head.append(script);
  });
}
