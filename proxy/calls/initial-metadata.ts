/** Headers that a configuration adds to calls, with their operators compiled once. */
import { compileValueFormat, type FormatSource, type ValueFormat } from '../router/value-format.ts';
import type { HeaderPairs } from './port.ts';

export class InitialMetadata {
  readonly #formats: readonly (readonly [name: string, format: ValueFormat])[];

  /** A value with a faulty operator is told to `report` and stays out. */
  constructor(pairs: HeaderPairs, report: (fault: string) => void) {
    this.#formats = pairs.flatMap(([name, value]) => {
      const compiled = compileValueFormat(value);
      if ('format' in compiled) return [[name, compiled.format] as const];
      report(`header ${name}: ${compiled.fault}`);
      return [];
    });
  }

  of(source: FormatSource): HeaderPairs {
    return this.#formats.map(([name, format]) => [name, fieldValue(format(source))] as const);
  }
}

/** Nothing made from a peer's words can end a line. */
function fieldValue(text: string): string {
  let value = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 9 || (code >= 32 && code !== 127)) value += code > 255 ? '?' : character;
  }
  return value;
}
