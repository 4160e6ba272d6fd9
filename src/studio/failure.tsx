import { CraftError } from '../errors.ts';
import { inStudioWords } from './studio-words.ts';

/** What went wrong, as it is told. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

export function faultOf(error: unknown): Fault {
  if (error instanceof CraftError) return { code: error.code, message: error.message };
  return { code: 'RUNTIME', message: error instanceof Error ? error.message : String(error) };
}

/** An error, which a screen reader speaks when it comes up. */
export function Failure({ fault }: { fault: Fault | null }) {
  return (
    <div role="alert">
      {fault && (
        <p class="failure">
          {inStudioWords(fault.message)} <span class="code">[{fault.code}]</span>
        </p>
      )}
    </div>
  );
}
