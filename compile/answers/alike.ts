/** Addresses of strangers that no rule tells apart: one of them stands for all, so that many visitors are few questions. */
import { type Cidr, cidrContains, formatIp, type IpAddress, parseCidr } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import type { Question } from './question.ts';

export class AlikeAddresses {
  readonly #ranges: readonly Cidr[];
  readonly #first = new Map<string, IpAddress>();

  /** Objects before and after a change. */
  constructor(...objects: readonly (readonly StoredObject[])[]) {
    const texts = new Set(objects.flat().flatMap(({ kind, spec }) => (KINDS.has(kind) ? textsIn(spec) : [])));
    this.#ranges = [...texts].flatMap((text) => parseCidr(text) ?? []);
  }

  question(asked: Question): Question {
    const { from } = asked;
    if (from.kind !== 'outside') return asked;
    const { address, client } = from;
    // Of one whom nobody else speaks for both are the same.
    const alone = client !== undefined && formatIp(client) === formatIp(address);
    const one = this.#one('', address);
    return {
      ...asked,
      from: {
        ...from,
        address: one,
        ...(client === undefined ? {} : { client: alone ? one : this.#one('for', client) }),
      },
    };
  }

  #one(role: string, address: IpAddress): IpAddress {
    const within = this.#ranges.flatMap((range, at) => (cidrContains(range, address) ? [at] : []));
    const key = `${role} ${within.join()}`;
    const first = this.#first.get(key) ?? address;
    this.#first.set(key, first);
    return first;
  }
}

/** Kinds that ask about addresses, or say whose word about them counts. */
const KINDS: ReadonlySet<string> = new Set(['AccessPolicy', 'TrafficPolicy', 'EnginePatch']);

const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
