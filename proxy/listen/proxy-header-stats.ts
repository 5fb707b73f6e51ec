/** Envoy's `proxy_proto.*` statistics of a listener filter, and the older counter of errors, which has no prefix. */
import type { ProxyVersion } from '@weft/wire/proxy-protocol';
import type { Counter } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';

class VersionStats {
  readonly found: Counter;
  readonly disallowed: Counter;
  readonly error: Counter;

  constructor(scope: StatScope) {
    this.found = scope.counter('found');
    this.disallowed = scope.counter('disallowed');
    this.error = scope.counter('error');
  }
}

export class ProxyHeaderStats {
  readonly #versions: Readonly<Record<ProxyVersion, VersionStats>>;
  readonly #allowed: Counter;
  readonly #disallowed: Counter;
  readonly #errors: Counter;

  constructor(registry: Registry, statPrefix: string) {
    const dotted = statPrefix === '' ? 'proxy_proto.' : `proxy_proto.${statPrefix}.`;
    const labels: [string, string][] = statPrefix === '' ? [] : [['envoy_proxy_protocol_prefix', statPrefix]];
    const version = (digit: string): VersionStats =>
      new VersionStats(
        new StatScope(registry, `${dotted}versions.v${digit}.`, 'envoy_proxy_proto_', [
          ['envoy_proxy_protocol_version', digit],
          ...labels,
        ]),
      );
    const scope = new StatScope(registry, dotted, 'envoy_proxy_proto_', labels);
    this.#versions = { v1: version('1'), v2: version('2') };
    this.#allowed = scope.counter('not_found_allowed');
    this.#disallowed = scope.counter('not_found_disallowed');
    this.#errors = new StatScope(registry, '', 'envoy_', []).counter('downstream_cx_proxy_proto_error');
  }

  found(version: ProxyVersion, disallowed: boolean): void {
    this.#versions[version].found.add(1);
    if (disallowed) this.#versions[version].disallowed.add(1);
  }

  malformed(version: ProxyVersion): void {
    this.#versions[version].error.add(1);
    this.#errors.add(1);
  }

  missing(allowed: boolean): void {
    if (allowed) this.#allowed.add(1);
    else {
      this.#disallowed.add(1);
      this.#errors.add(1);
    }
  }
}
