/** Callers of a service port that its routes and Faults tell apart: those that agree in what is asked about them share its routes. */
import { byName, parsePortKey, portKey } from '@weft/core/mesh-view';
import type { Query, QueryContext } from '../incremental/query.ts';
import { consumersOf, targetsAbout, targetsOfPort } from './conf.ts';

/** By port key: what is asked about callers there, sorted. */
const askedOfCallers: Query<string, readonly string[]> = {
  name: 'asked-of-callers',
  keyOf: (port) => port,
  compute(context, port) {
    const entries = context.read('httpRules', port) ?? [];
    const { service, port: number } = parsePortKey(port);
    const targets = new Set([...entries.flatMap(({ rule }) => rule.targets), ...targetsOfPort(service, number)]);
    const faults = [...targets].flatMap((target) => context.read('faults', target)?.[0]?.faults ?? []);
    const behind = entries.flatMap(({ rule }) =>
      rule.backends.flatMap((to) => (to.kind === 'service' ? targetsAbout(context, portKey(to.service, to.port)) : [])),
    );
    const asked = [
      ...entries.flatMap(({ match }) => match.conditions?.from ?? []),
      ...faults.flatMap(({ from }) => from ?? []),
      ...consumersOf(context, [...targets, ...targetsAbout(context, port), ...behind]),
    ];
    return [...new Set(asked)].sort(byName);
  },
};

const NOTHING: readonly string[] = [];

/** `callers`: all that holds for the caller. */
export function callersAt(context: QueryContext, port: string, callers: readonly string[]): readonly string[] {
  if (callers.length === 0) return NOTHING;
  const asked = context.ask(askedOfCallers, port);
  return callers.filter((key) => asked.includes(key));
}
