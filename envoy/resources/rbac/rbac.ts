/**
 * RBAC (envoy.config.rbac.v3), for the network filter and the HTTP filter. A policy has no metadata field: its source stands in its
 * name, where Envoy's logs and response details show it too: alone (`placedName`), or as `name [Kind/namespace/name#path]`.
 */
import {
  type MetadataRule,
  parsePlacedName,
  type Rbac,
  type RbacPermission,
  type RbacPolicy,
  type RbacPrincipal,
  type StringMatcher,
} from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeCidr, encodeCidr } from '../base/address.ts';
import type { Cursor } from '../base/cursor.ts';
import { Encoding } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeHeader, decodeString, encodeHeader, encodeString } from '../base/matcher.ts';
import { decodeMetadataMatcher, encodeMetadataMatcher } from '../base/metadata-matcher.ts';
import { reading } from '../base/cursor.ts';

type Wire = Messages['envoy.config.rbac.v3.RBAC'];
type WirePolicy = Messages['envoy.config.rbac.v3.Policy'];
type WirePermission = Messages['envoy.config.rbac.v3.Permission'];
type WirePrincipal = Messages['envoy.config.rbac.v3.Principal'];

const ACTIONS: EnumTable<Rbac['action'], 'ALLOW' | 'DENY' | 'LOG'> = [
  ['ALLOW', 'ALLOW'],
  ['DENY', 'DENY'],
  ['LOG', 'LOG'],
];

const NAME_AND_SOURCE = /^(.*?) \[(.+)\]$/s;
const EMPTY: StringMatcher = { kind: 'exact', value: '', ignoreCase: false };

/** `http`: whether rules may speak of headers and paths. */
export function decodeRbac(cursor: Cursor<Wire>, http: boolean): Rbac {
  const policies: RbacPolicy[] = [];
  for (const [key, policy] of cursor.take('policies') ?? []) {
    policies.push(
      reading(policy, cursor.at('policies').key(key), cursor.report, (inner) => decodePolicy(key, inner, http)),
    );
  }
  return { action: takeEnum(cursor, 'action', ACTIONS), policies: policies.toSorted(byName) };
}

const byName = (a: RbacPolicy, b: RbacPolicy): number => {
  const [one, other] = [policyKey(a), policyKey(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};

const policyKey = ({ name, source }: RbacPolicy): string =>
  source === undefined || parsePlacedName(name)?.source === source ? name : `${name} [${source}]`;

function decodePolicy(key: string, cursor: Cursor<WirePolicy>, http: boolean): RbacPolicy {
  const match = NAME_AND_SOURCE.exec(key);
  return {
    name: match?.[1] ?? key,
    permissions: cursor.each('permissions', (rule) => decodePermission(rule, http)),
    principals: cursor.each('principals', (id) => decodePrincipal(id, http)),
    source: match?.[2] ?? parsePlacedName(key)?.source,
  };
}

function decodePermission(cursor: Cursor<WirePermission>, http: boolean): RbacPermission {
  if (cursor.take('any') === true) return { kind: 'any' };
  const and = cursor.within('and_rules', (set) => set.each('rules', (rule) => decodePermission(rule, http)));
  if (and !== undefined) return { kind: 'and', rules: and };
  const or = cursor.within('or_rules', (set) => set.each('rules', (rule) => decodePermission(rule, http)));
  if (or !== undefined) return { kind: 'or', rules: or };
  const not = cursor.within('not_rule', (rule) => decodePermission(rule, http));
  if (not !== undefined) return { kind: 'not', rule: not };
  const port = cursor.take('destination_port');
  if (port !== undefined) return { kind: 'destination-port', port };
  const range = cursor.within('destination_port_range', decodePortRange);
  if (range !== undefined) return { kind: 'destination-port-range', ...range };
  const ip = cursor.within('destination_ip', decodeCidr);
  if (ip !== undefined) return { kind: 'destination-ip', cidr: ip };
  const sni = cursor.within('requested_server_name', decodeString);
  if (sni !== undefined) return { kind: 'requested-server-name', matcher: sni };
  return decodeHttpRule(cursor, http) ?? { kind: 'any' };
}

function decodePortRange(cursor: Cursor<Messages['envoy.type.v3.Int32Range']>): { start: number; end: number } {
  const start = cursor.take('start') ?? 0;
  const end = cursor.take('end') ?? 0;
  if (start < 0 || start >= end || end > 65_536)
    cursor.refuse('invalid-value', 'a range of ports is [start, end) within 0 and 65536');
  return { start, end };
}

function decodePrincipal(cursor: Cursor<WirePrincipal>, http: boolean): RbacPrincipal {
  if (cursor.take('any') === true) return { kind: 'any' };
  const and = cursor.within('and_ids', (set) => set.each('ids', (id) => decodePrincipal(id, http)));
  if (and !== undefined) return { kind: 'and', rules: and };
  const or = cursor.within('or_ids', (set) => set.each('ids', (id) => decodePrincipal(id, http)));
  if (or !== undefined) return { kind: 'or', rules: or };
  const not = cursor.within('not_id', (id) => decodePrincipal(id, http));
  if (not !== undefined) return { kind: 'not', rule: not };
  const authenticated = cursor.within(
    'authenticated',
    (peer): RbacPrincipal => ({
      kind: 'authenticated',
      name: peer.within('principal_name', decodeString),
    }),
  );
  if (authenticated !== undefined) return authenticated;
  for (const [kind, field] of ADDRESSES) {
    const cidr = cursor.within(field, decodeCidr);
    if (cidr !== undefined) return { kind, cidr };
  }
  return decodeHttpRule(cursor, http) ?? { kind: 'any' };
}

const ADDRESSES = [
  ['direct-remote-ip', 'direct_remote_ip'],
  ['remote-ip', 'remote_ip'],
  ['source-ip', 'source_ip'],
] as const;

type HttpRule = Extract<RbacPermission & RbacPrincipal, { kind: 'header' | 'url-path' | 'metadata' }>;
type WireHttpRule = Pick<WirePermission, 'header' | 'url_path' | 'metadata' | 'sourced_metadata'>;

const SOURCES: EnumTable<MetadataRule['of'], 'DYNAMIC' | 'ROUTE'> = [
  ['request', 'DYNAMIC'],
  ['route', 'ROUTE'],
];

function decodeHttpRule(cursor: Cursor<WireHttpRule>, http: boolean): HttpRule | undefined {
  if (!http && HTTP_RULES.some((field) => cursor.has(field))) {
    cursor.refuse(
      'invalid-value',
      'a network filter sees neither headers nor paths nor metadata of requests: the rule would never match',
    );
  }
  const metadata = decodeMetadataRule(cursor);
  if (metadata !== undefined) return metadata;
  const header = cursor.within('header', decodeHeader);
  if (header !== undefined) return { kind: 'header', header };
  const path = cursor.within('url_path', (value) => value.within('path', decodeString) ?? EMPTY);
  return path === undefined ? undefined : { kind: 'url-path', matcher: path };
}

const HTTP_RULES = ['header', 'url_path', 'metadata', 'sourced_metadata'] as const;

/** `metadata` is `sourced_metadata` of the request. */
function decodeMetadataRule(cursor: Cursor<WireHttpRule>): MetadataRule | undefined {
  const matcher = cursor.within('metadata', decodeMetadataMatcher);
  if (matcher !== undefined) return { kind: 'metadata', of: 'request', matcher };
  return cursor.within('sourced_metadata', (sourced): MetadataRule | undefined => {
    const of = takeEnum(sourced, 'metadata_source', SOURCES);
    const found = sourced.within('metadata_matcher', decodeMetadataMatcher);
    return found === undefined ? undefined : { kind: 'metadata', of, matcher: found };
  });
}

const encodeMetadataRule = ({ of, matcher }: MetadataRule): Pick<WirePermission, 'sourced_metadata'> => ({
  sourced_metadata: { metadata_matcher: encodeMetadataMatcher(matcher), metadata_source: enumName(of, SOURCES) },
});

export function encodeRbac(rbac: Rbac, encoding: Encoding, path: string): Wire {
  const policies = new Map<string, WirePolicy>();
  for (const policy of rbac.policies) {
    if (policy.name.includes(' [')) {
      encoding.cannotSay(
        `${path}.policies`,
        `the name ${policy.name} reads as one with a source`,
        'error',
        'rename it',
      );
    }
    policies.set(policyKey(policy), {
      permissions: policy.permissions.map(encodePermission),
      principals: policy.principals.map(encodePrincipal),
    });
  }
  return { action: enumName(rbac.action, ACTIONS), policies: policies.size === 0 ? undefined : policies };
}

function encodePermission(rule: RbacPermission): WirePermission {
  switch (rule.kind) {
    case 'any':
      return { any: true };
    case 'and':
      return { and_rules: { rules: rule.rules.map(encodePermission) } };
    case 'or':
      return { or_rules: { rules: rule.rules.map(encodePermission) } };
    case 'not':
      return { not_rule: encodePermission(rule.rule) };
    case 'destination-port':
      return { destination_port: rule.port };
    case 'destination-port-range':
      return { destination_port_range: { start: rule.start, end: rule.end } };
    case 'destination-ip':
      return { destination_ip: encodeCidr(rule.cidr) };
    case 'requested-server-name':
      return { requested_server_name: encodeString(rule.matcher) };
    case 'header':
      return { header: encodeHeader(rule.header) };
    case 'url-path':
      return { url_path: { path: encodeString(rule.matcher) } };
    case 'metadata':
      return encodeMetadataRule(rule);
  }
}

function encodePrincipal(rule: RbacPrincipal): WirePrincipal {
  switch (rule.kind) {
    case 'any':
      return { any: true };
    case 'and':
      return { and_ids: { ids: rule.rules.map(encodePrincipal) } };
    case 'or':
      return { or_ids: { ids: rule.rules.map(encodePrincipal) } };
    case 'not':
      return { not_id: encodePrincipal(rule.rule) };
    case 'authenticated':
      return { authenticated: rule.name === undefined ? {} : { principal_name: encodeString(rule.name) } };
    case 'direct-remote-ip':
      return { direct_remote_ip: encodeCidr(rule.cidr) };
    case 'remote-ip':
      return { remote_ip: encodeCidr(rule.cidr) };
    case 'source-ip':
      return { source_ip: encodeCidr(rule.cidr) };
    case 'header':
      return { header: encodeHeader(rule.header) };
    case 'url-path':
      return { url_path: { path: encodeString(rule.matcher) } };
    case 'metadata':
      return encodeMetadataRule(rule);
  }
}
