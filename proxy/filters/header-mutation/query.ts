/** Changes of query parameters (envoy.config.core.v3.KeyValueMutation). As in Envoy, what comes out is ordered by name. */
import type { QueryMutationStep } from '@weft/core/proxy-config';
import { compileValueFormat, type FormatSource, type ValueFormat } from '../../router/value-format.ts';

export type QueryStep =
  | { readonly kind: 'remove'; readonly name: string }
  | {
      readonly kind: 'append';
      readonly name: string;
      readonly format: ValueFormat;
      readonly append: Extract<QueryMutationStep, { kind: 'append' }>['append'];
    };

export const compileQuery = (steps: readonly QueryMutationStep[], report: (fault: string) => void): QueryStep[] =>
  steps.flatMap((step): QueryStep[] => {
    if (step.kind === 'remove') return [step];
    const compiled = compileValueFormat(step.value);
    if ('format' in compiled)
      return [{ kind: 'append', name: step.name, format: compiled.format, append: step.append }];
    report(`query parameter ${step.name}: ${compiled.fault}`);
    return [];
  });

export function mutatedQuery(
  query: string | undefined,
  steps: readonly QueryStep[],
  source: FormatSource,
): string | undefined {
  const values = new Map<string, string[]>();
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decoded(pair.slice(equals + 1));
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  for (const step of steps) apply(values, step, source);
  const names = [...values.keys()].sort();
  const pairs = names.flatMap((name) => (values.get(name) ?? []).map((value) => `${encoded(name)}=${encoded(value)}`));
  return pairs.length === 0 ? undefined : pairs.join('&');
}

function apply(values: Map<string, string[]>, step: QueryStep, source: FormatSource): void {
  const { name } = step;
  if (step.kind === 'remove') {
    values.delete(name);
    return;
  }
  const present = values.get(name);
  const value = step.format(source);
  switch (step.append) {
    case 'append-if-exists-or-add':
      values.set(name, [...(present ?? []), value]);
      return;
    case 'add-if-absent':
      if (present === undefined) values.set(name, [value]);
      return;
    case 'overwrite-if-exists':
      if (present !== undefined) values.set(name, [value]);
      return;
    case 'overwrite-if-exists-or-add':
      values.set(name, [value]);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const encoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, escaped);
const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
