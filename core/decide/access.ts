/** RBAC compiled (envoy.config.rbac.v3): the same rules for the network filter and the HTTP filter. Fails closed. */
import { cidrContains, type IpAddress, parseCidr, unmapIpv4Cidr } from '../kernel/index.ts';
import type { MetadataRule, Rbac, RbacPermission, RbacPolicy, RbacPrincipal } from '../proxy-config/index.ts';
import { Candidates, INDEX_FROM } from './literal-index.ts';
import { compileMetadata } from './metadata.ts';
import { namesOf, PolicyIndex } from './policy-index.ts';
import { compileHeader, compileString, type Repetition, type ReportFault, type StringPredicate } from './matchers.ts';
import type { ConnectionView, PeerNames, RequestView } from './request.ts';

export interface AccessVerdict {
  readonly allowed: boolean;
  /** The policy that decided; undefined: none matched. */
  readonly policy: RbacPolicy | undefined;
}

/** `request` is undefined for a network filter: rules about requests then match nothing when they allow and everything when they deny. */
type Rule = (connection: ConnectionView, request: RequestView | undefined, repetition: 'any' | 'all') => boolean;

interface CompiledPolicy {
  readonly verdict: AccessVerdict;
  readonly permission: Rule;
  readonly principal: Rule;
}

export class CompiledRbac {
  readonly rbac: Rbac;
  readonly #policies: readonly CompiledPolicy[];
  readonly #repetition: 'any' | 'all';
  readonly #default: AccessVerdict;
  /** Undefined: there are few. */
  readonly #index: PolicyIndex | undefined;
  readonly #candidates = new Candidates();

  constructor(rbac: Rbac, report: ReportFault) {
    this.rbac = rbac;
    this.#repetition = rbac.action === 'DENY' ? 'any' : 'all';
    this.#default = { allowed: rbac.action !== 'ALLOW', policy: undefined };
    this.#index = rbac.policies.length < INDEX_FROM ? undefined : new PolicyIndex(rbac.policies);
    this.#policies = rbac.policies.map((policy) => {
      const say = (message: string): void => report(`policy ${policy.name}: ${message}`);
      return {
        verdict: { allowed: rbac.action !== 'DENY', policy },
        permission: anyOf(policy.permissions.map((rule) => compilePermission(rule, say))),
        principal: anyOf(policy.principals.map((rule) => compilePrincipal(rule, say))),
      };
    });
  }

  evaluate(connection: ConnectionView, request: RequestView | undefined): AccessVerdict {
    if (this.#index === undefined || request === undefined) return this.#evaluateAll(connection, request);
    const candidates = this.#candidates;
    candidates.begin();
    this.#index.collect(connection, request, candidates);
    for (let number = candidates.next(); number >= 0; number = candidates.next()) {
      const { verdict, permission, principal } = this.#policies[number] as CompiledPolicy;
      if (permission(connection, request, this.#repetition) && principal(connection, request, this.#repetition))
        return verdict;
    }
    return this.#default;
  }

  #evaluateAll(connection: ConnectionView, request: RequestView | undefined): AccessVerdict {
    for (const { verdict, permission, principal } of this.#policies) {
      if (permission(connection, request, this.#repetition) && principal(connection, request, this.#repetition))
        return verdict;
    }
    return this.#default;
  }
}

const flip = (repetition: 'any' | 'all'): 'any' | 'all' => (repetition === 'any' ? 'all' : 'any');

const anyOf =
  (rules: readonly Rule[]): Rule =>
  (connection, request, repetition) => {
    for (const rule of rules) if (rule(connection, request, repetition)) return true;
    return false;
  };
const allOf =
  (rules: readonly Rule[]): Rule =>
  (connection, request, repetition) => {
    for (const rule of rules) if (!rule(connection, request, repetition)) return false;
    return true;
  };
const notOf =
  (rule: Rule): Rule =>
  (connection, request, repetition) =>
    !rule(connection, request, flip(repetition));

/** A rule about requests; where there is none it must not open anything: it holds for a denial and not for an allowance. */
const aboutRequest =
  (test: (request: RequestView, repetition: Repetition) => boolean): Rule =>
  (_, request, repetition) =>
    request === undefined ? repetition === 'any' : test(request, repetition);

function aboutMetadata({ of, matcher }: MetadataRule, report: ReportFault): Rule {
  const test = compileMetadata(matcher, report);
  return aboutRequest(of === 'request' ? ({ metadata }) => test(metadata) : ({ routeMetadata }) => test(routeMetadata));
}

function within(
  text: string,
  of: (connection: ConnectionView, request: RequestView | undefined) => IpAddress | undefined,
  report: ReportFault,
): Rule {
  const parsed = parseCidr(text);
  if (parsed === undefined) report(`${JSON.stringify(text)} is not a CIDR range`);
  const cidr = parsed === undefined ? undefined : unmapIpv4Cidr(parsed);
  return (connection, request) => {
    const address = of(connection, request);
    return cidr !== undefined && address !== undefined && cidrContains(cidr, address);
  };
}

function compilePermission(rule: RbacPermission, report: ReportFault): Rule {
  switch (rule.kind) {
    case 'any':
      return () => true;
    case 'and':
      return allOf(rule.rules.map((inner) => compilePermission(inner, report)));
    case 'or':
      return anyOf(rule.rules.map((inner) => compilePermission(inner, report)));
    case 'not':
      return notOf(compilePermission(rule.rule, report));
    case 'destination-port':
      return (connection) => connection.destinationPort === rule.port;
    case 'destination-port-range':
      return ({ destinationPort: port }) => port >= rule.start && port < rule.end;
    case 'destination-ip':
      return within(rule.cidr, (connection) => connection.destinationIp, report);
    case 'requested-server-name': {
      const test = compileString(rule.matcher, report);
      return (connection) => test(connection.serverName);
    }
    case 'header':
      return aboutRequest(compileHeader(rule.header, report));
    case 'url-path': {
      const test = compileString(rule.matcher, report);
      return aboutRequest((request) => test(request.path));
    }
    case 'metadata':
      return aboutMetadata(rule, report);
  }
}

function compilePrincipal(rule: RbacPrincipal, report: ReportFault): Rule {
  switch (rule.kind) {
    case 'any':
      return () => true;
    case 'and':
      return allOf(rule.rules.map((inner) => compilePrincipal(inner, report)));
    case 'or':
      return anyOf(rule.rules.map((inner) => compilePrincipal(inner, report)));
    case 'not':
      return notOf(compilePrincipal(rule.rule, report));
    case 'authenticated': {
      if (rule.name === undefined) return (connection) => connection.peer !== undefined;
      const test = compileString(rule.name, report);
      return (connection) => connection.peer !== undefined && namesMatch(connection.peer, test);
    }
    case 'direct-remote-ip':
      return within(rule.cidr, (connection) => connection.directRemoteIp, report);
    case 'remote-ip':
      return within(
        rule.cidr,
        (connection, request) => (request === undefined ? connection.sourceIp : request.remoteIp),
        report,
      );
    case 'source-ip':
      return within(rule.cidr, (connection) => connection.sourceIp, report);
    case 'header':
      return aboutRequest(compileHeader(rule.header, report));
    case 'url-path': {
      const test = compileString(rule.matcher, report);
      return aboutRequest((request) => test(request.path));
    }
    case 'metadata':
      return aboutMetadata(rule, report);
  }
}

const namesMatch = (peer: PeerNames, test: StringPredicate): boolean => namesOf(peer).some(test);
