/** Reads a TextSource where the engine runs: once, when the configuration that names it is compiled. */
import { readFileSync } from 'node:fs';
import type { TextSource } from '@weft/core/proxy-config';

/** The text, or the fault as text. */
export function readTextSource(source: TextSource): { readonly text: string } | { readonly fault: string } {
  switch (source.kind) {
    case 'inline':
      return { text: source.text };
    case 'file':
      try {
        return { text: readFileSync(source.path, 'utf8') };
      } catch (error) {
        return { fault: `${source.path} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
      }
    case 'environment': {
      const text = process.env[source.variable];
      return text === undefined ? { fault: `the environment has no ${source.variable}` } : { text };
    }
  }
}
