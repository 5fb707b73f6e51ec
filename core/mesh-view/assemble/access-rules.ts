/** A rule of an AccessPolicy as it applies to one workload or listener: names resolved, patterns parsed. */
import { type AccessRule, type Destination, excludedBy, patternsOf } from '../../resources/index.ts';
import { beginning } from './beginning.ts';
import type { AccessRuleRow, DestinationRow, HeaderCondition, PathPattern, RequestRow } from '../access-rows.ts';

/** What a rule's row says besides what the rule says. */
export interface RuleContext {
  readonly trustDomain: string;
  /** The policy's. */
  readonly namespace: string;
  readonly source: string;
  readonly place: AccessRuleRow['place'];
}

/** Ports that rules may call by name. */
export interface PortNames {
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

export const ruleRow = (rule: AccessRule, workload: PortNames, context: RuleContext): AccessRuleRow => ({
  from: rule.from?.map((caller) => ({
    identities: patternsOf(caller, context),
    notIdentities: excludedBy(caller, context),
    ipBlocks: caller.ipBlocks,
    notIpBlocks: caller.notIpBlocks ?? [],
    remoteIpBlocks: caller.remoteIpBlocks,
    notRemoteIpBlocks: caller.notRemoteIpBlocks ?? [],
    claims: (caller.claims ?? []).map(({ name, values }) => ({
      path: name.split('.'),
      values: values?.map(beginning),
    })),
  })),
  to: rule.to?.map((destination) => destinationRow(destination, workload)),
  source: context.source,
  place: context.place,
});

const destinationRow = (destination: Destination, workload: PortNames): DestinationRow => ({
  ports: destination.ports === undefined ? undefined : portsOf(destination.ports, workload),
  notPorts: portsOf(destination.notPorts ?? [], workload),
  request: requestRow(destination),
});

/** A name that the workload has no port of means nothing there. */
function portsOf(ports: readonly (number | string)[], workload: PortNames): readonly number[] {
  const numbers = ports.flatMap((port) =>
    typeof port === 'number' ? [port] : workload.ports.flatMap((own) => (own.name === port ? [own.port] : [])),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function requestRow(said: Destination): RequestRow | undefined {
  const { hosts, notHosts, methods, notMethods, paths, notPaths, pathRegexes, notPathRegexes, headers } = said;
  const fields = [hosts, notHosts, methods, notMethods, paths, notPaths, pathRegexes, notPathRegexes, headers];
  if (fields.every((field) => field === undefined)) return undefined;
  return {
    hosts,
    notHosts: notHosts ?? [],
    methods,
    notMethods: notMethods ?? [],
    paths: paths?.map(pathPattern),
    notPaths: (notPaths ?? []).map(pathPattern),
    pathRegexes,
    notPathRegexes: notPathRegexes ?? [],
    headers: (headers ?? []).map(
      ({ name, type, value = '' }): HeaderCondition => ({
        name: name.toLowerCase(),
        value:
          type === 'Exact'
            ? { kind: 'exact', value }
            : type === 'RegularExpression'
              ? { kind: 'regex', regex: value }
              : { kind: type === 'Present' ? 'present' : 'absent' },
      }),
    ),
  };
}

function pathPattern(text: string): PathPattern {
  if (text.startsWith('*')) return { kind: 'suffix', value: text.slice(1) };
  return beginning(text);
}
