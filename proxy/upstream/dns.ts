/** Name resolution behind a small port. The system's resolver is used (hosts file included); times to live need a real DNS query. */
import type { DnsFamily } from '@weft/core/proxy-config';
import { nodeDns } from '../node-on-demand.ts';

export type { DnsFamily } from '@weft/core/proxy-config';

export interface DnsAnswer {
  readonly addresses: readonly string[];
  /** Smallest time to live in ms; undefined when it is not known. */
  readonly ttl: number | undefined;
}

export interface DnsResolver {
  /** Calls back once, later; undefined: it failed or there is no such name. */
  resolve(name: string, family: DnsFamily, withTtl: boolean, answered: (answer: DnsAnswer | undefined) => void): void;
}

/** More answers than that are dropped. */
const LIMIT = 1000;

/** RFC 6761, 6.3: names below `localhost` are this machine and are not asked for. */
const BELOW_LOCALHOST = /\.localhost\.?$/i;

export const systemDns: DnsResolver = {
  resolve(name, family, withTtl, answered) {
    // node:dns throws for a NUL, and takes no name at all for this machine.
    if (name === '' || name.includes('\0')) {
      setImmediate(answered, undefined);
      return;
    }
    const local = BELOW_LOCALHOST.test(name);
    const { lookup, resolve4, resolve6 } = nodeDns();
    const bySystem = (): void => {
      lookup(
        local ? 'localhost' : name,
        { all: true, order: family === 'auto' ? 'ipv6first' : 'ipv4first' },
        (error, found) => {
          answered(
            error === null
              ? {
                  addresses: chosen(
                    found.map(({ address }) => address),
                    family,
                  ),
                  ttl: undefined,
                }
              : undefined,
          );
        },
      );
    };
    if (!withTtl || local || name === 'localhost') {
      bySystem();
      return;
    }
    const query = family === 'v6-only' ? resolve6 : resolve4;
    query(name, { ttl: true }, (error, records) => {
      if (error !== null || records.length === 0) bySystem();
      else {
        answered({
          addresses: records.slice(0, LIMIT).map(({ address }) => address),
          ttl: Math.min(...records.map(({ ttl }) => ttl)) * 1000,
        });
      }
    });
  },
};

/** Envoy's families: auto prefers IPv6 and falls back, all takes both. */
export function chosen(addresses: readonly string[], family: DnsFamily): string[] {
  const v6 = addresses.filter((address) => address.includes(':'));
  const v4 = addresses.filter((address) => !address.includes(':'));
  const picked =
    family === 'v4-only'
      ? v4
      : family === 'v6-only'
        ? v6
        : family === 'all'
          ? [...v4, ...v6]
          : family === 'v4-preferred'
            ? v4.length > 0
              ? v4
              : v6
            : v6.length > 0
              ? v6
              : v4;
  return picked.slice(0, LIMIT);
}
