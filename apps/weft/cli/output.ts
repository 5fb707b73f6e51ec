/** Forms of output that commands share. `-o json` documents are stable; scripts rely on them. */
import { stringify } from 'yaml';
import { UsageError } from '../errors.ts';

export type OutputFormat = 'table' | 'wide' | 'yaml' | 'json' | 'name';

/** Reads `-o`; `allowed` are the forms that the command has. */
export function outputFormat(text: string | undefined, allowed: readonly OutputFormat[]): OutputFormat {
  const wanted = text ?? 'table';
  const found = allowed.find((format) => format === wanted);
  if (found === undefined) throw new UsageError(`-o takes ${allowed.join(', ')}, not '${wanted}'`);
  return found;
}

export const toJson = (document: unknown): string => `${JSON.stringify(document, undefined, 2)}\n`;

export const toYaml = (document: unknown): string =>
  stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
