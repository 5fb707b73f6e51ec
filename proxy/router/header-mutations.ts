/** Header changes of routes, virtual hosts, route tables and weighted clusters (envoy.config.core.v3.HeaderValueOption), compiled once. */
import type { HeaderMutations, HeaderMutationStep, HeaderValueOption } from '@weft/core/proxy-config';
import type { HeaderEdit } from '../http/header-edit.ts';
import { compileValueFormat, type FormatSource, type ValueFormat } from './value-format.ts';

interface Addition {
  readonly name: string;
  readonly format: ValueFormat;
  readonly append: HeaderValueOption['append'];
  readonly keepEmptyValue: boolean;
}

/** One direction of one level: what goes, then what comes, in order. */
export interface MutationStep {
  readonly remove: readonly string[];
  readonly add: readonly Addition[];
}

/** Names that configuration may not touch: they frame the message. */
const FRAMING = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  ':authority',
  ':method',
  ':path',
  ':scheme',
]);

export function compileMutations(
  mutations: HeaderMutations,
  report: (fault: string) => void,
): { readonly request: MutationStep | undefined; readonly response: MutationStep | undefined } {
  return {
    request: compileStep(mutations.requestRemove, mutations.requestAdd, report),
    response: compileStep(mutations.responseRemove, mutations.responseAdd, report),
  };
}

/** Additions alone; undefined: none. */
export const compileAdditions = (
  add: readonly HeaderValueOption[],
  report: (fault: string) => void,
): MutationStep | undefined => compileStep([], add, report);

function compileStep(
  remove: readonly string[],
  add: readonly HeaderValueOption[],
  report: (fault: string) => void,
): MutationStep | undefined {
  if (remove.length === 0 && add.length === 0) return undefined;
  const additions: Addition[] = [];
  for (const { name, value, append, keepEmptyValue } of add) {
    if (FRAMING.has(name)) {
      report(`header ${name} cannot be added by configuration`);
      continue;
    }
    const compiled = compileValueFormat(value);
    if ('fault' in compiled) report(`header ${name}: ${compiled.fault}`);
    else additions.push({ name, format: compiled.format, append, keepEmptyValue });
  }
  return { remove: remove.filter((name) => !FRAMING.has(name)), add: additions };
}

/** Steps of a HeaderMutation, each applied after the one before. */
export const compileSteps = (
  steps: readonly HeaderMutationStep[],
  report: (fault: string) => void,
): readonly MutationStep[] =>
  steps.flatMap((step) => {
    if (step.kind === 'remove') return [{ remove: [step.name], add: [] }];
    return compileAdditions([step.option], report) ?? [];
  });

export function applyMutations(step: MutationStep, headers: HeaderEdit, source: FormatSource): void {
  for (const name of step.remove) headers.remove(name);
  for (const addition of step.add) {
    const value = fieldText(addition.format(source));
    if (value === '' && !addition.keepEmptyValue) continue;
    apply(headers, addition, value);
  }
}

function apply(headers: HeaderEdit, { name, append }: Addition, value: string): void {
  switch (append) {
    case 'append-if-exists-or-add':
      headers.add(name, value);
      return;
    case 'overwrite-if-exists-or-add':
      headers.set(name, value);
      return;
    case 'add-if-absent':
      if (!headers.has(name)) headers.add(name, value);
      return;
    case 'overwrite-if-exists':
      if (headers.has(name)) headers.set(name, value);
      return;
  }
}

/** No value made from configuration or a peer can end a line: control characters go. */
function fieldText(value: string): string {
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127 || code > 255) return cleaned(value);
  }
  return value;
}

const cleaned = (value: string): string =>
  Array.from(value, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if ((code < 32 && code !== 9) || code === 127) return '';
    return code > 255 ? '?' : character;
  }).join('');
