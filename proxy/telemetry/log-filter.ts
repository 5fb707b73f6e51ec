/** envoy.config.accesslog.v3.AccessLogFilter compiled: whether a record is written, and whether a mapper is about an answer of our own. */
import { createRequire } from 'node:module';
import { compileHeader, compileValue, type HeaderView, metadataAt } from '@weft/core/decide';
import {
  type AccessLogFilter,
  type Comparison,
  liveFraction,
  NO_RUNTIME,
  type RuntimeValues,
} from '@weft/core/proxy-config';
import { grpcStatusOf } from '../http/grpc.ts';
import type { ExchangeRecord } from '../ports.ts';
import { logTypeOf } from './operator.ts';
import type { RecordAttributes } from './attributes.ts';
import { responseFlagOf } from '../response-flags.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first expression. */
const cel = () => require('@weft/core/cel') as typeof import('@weft/core/cel');
const attributes = () => require('./attributes.ts') as { readonly RecordAttributes: typeof RecordAttributes };

export type RecordPredicate = (record: ExchangeRecord) => boolean;

/** `random` in [0, 1) decides for a share of the records, which the runtime (`values`) may change. Throws when an expression cannot be compiled. */
export function compileLogFilter(
  filter: AccessLogFilter,
  random: () => number,
  values: () => RuntimeValues = () => NO_RUNTIME,
): RecordPredicate {
  switch (filter.kind) {
    case 'status':
      return compared(filter.comparison, (record) => record.status);
    case 'duration':
      return compared(filter.comparison, (record) => Math.floor(Math.max(record.duration, 0)));
    case 'not-health-check':
      return (record) => record.healthCheck !== true;
    case 'fraction': {
      const { fraction } = filter;
      return () => {
        const { numerator, denominator } = liveFraction(fraction, values());
        return random() * denominator < numerator;
      };
    }
    case 'and': {
      const all = filter.filters.map((inner) => compileLogFilter(inner, random, values));
      return (record) => all.every((test) => test(record));
    }
    case 'or': {
      const any = filter.filters.map((inner) => compileLogFilter(inner, random, values));
      return (record) => any.some((test) => test(record));
    }
    case 'header': {
      const test = compileHeader(filter.header, (fault) => {
        throw new Error(`access log filter: ${fault}`);
      });
      return (record) => test(new RecordHeaders(record), 'joined');
    }
    case 'response-flag': {
      let wanted = 0;
      for (const name of filter.flags) wanted |= responseFlagOf(name);
      return filter.flags.length === 0 ? (record) => record.flags !== 0 : (record) => (record.flags & wanted) !== 0;
    }
    case 'metadata': {
      const { absent, matcher } = filter;
      const test = compileValue(matcher.value, (fault) => {
        throw new Error(`access log filter: ${fault}`);
      });
      return ({ metadata }) => {
        const found = metadataAt(metadata, matcher.namespace, matcher.path);
        return found === undefined ? absent : test(found);
      };
    }
    case 'log-type': {
      const types = new Set(filter.types);
      const { exclude } = filter;
      return (record) => types.has(logTypeOf(record)) !== exclude;
    }
    case 'cel': {
      const program = cel().compileCel(filter.expression);
      const { RecordAttributes: Attributes } = attributes();
      return (record) => program(new Attributes(record)) === true;
    }
    case 'grpc-status': {
      const statuses = new Set(filter.statuses);
      const { exclude } = filter;
      return (record) =>
        statuses.has(record.grpcStatus >= 0 ? record.grpcStatus : grpcStatusOf(record.status)) !== exclude;
    }
  }
}

function compared({ op, value }: Comparison, read: (record: ExchangeRecord) => number): RecordPredicate {
  switch (op) {
    case 'equal':
      return (record) => read(record) === value;
    case 'not-equal':
      return (record) => read(record) !== value;
    case 'at-least':
      return (record) => read(record) >= value;
    case 'at-most':
      return (record) => read(record) <= value;
  }
}

/** The request's headers of a record, as matchers see them. */
class RecordHeaders implements HeaderView {
  readonly #record: ExchangeRecord;
  readonly query = undefined;

  constructor(record: ExchangeRecord) {
    this.#record = record;
  }

  get method(): string {
    return this.#record.method;
  }
  get path(): string {
    return this.#record.requestHeader(':path') ?? this.#record.path;
  }
  get host(): string {
    return this.#record.authority;
  }
  get scheme(): string {
    return this.#record.requestHeader(':scheme') ?? '';
  }
  header(name: string): string | undefined {
    return this.#record.requestHeader(name);
  }
  /** Values are not told apart. */
  headerValue(): undefined {
    return undefined;
  }
}
