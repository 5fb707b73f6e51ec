/** Kept inputs of a target: one file each, one input a line, in hexadecimal digits. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const fileOf = (name: string): string => path.join(import.meta.dirname, 'corpus', `${name}.txt`);

/** Empty when nothing was kept yet. */
export const readCorpus = (name: string): Buffer[] =>
  existsSync(fileOf(name))
    ? readFileSync(fileOf(name), 'latin1')
        .trimEnd()
        .split('\n')
        .map((line) => Buffer.from(line, 'hex'))
    : [];

export const writeCorpus = (name: string, inputs: readonly Buffer[]): void =>
  writeFileSync(fileOf(name), `${inputs.map((input) => input.toString('hex')).join('\n')}\n`);
