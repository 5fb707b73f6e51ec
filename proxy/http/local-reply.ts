/**
 * How answers of our own are rewritten (envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig): the first mapper whose
 * filter takes the answer changes status, body and headers; then the body is formatted. Compiled once.
 */
import type { LocalReply, LocalReplyMapper, TextSource } from '@weft/core/proxy-config';
import type { EngineRuntime } from '../ports.ts';
import { applyMutations, compileAdditions, type MutationStep } from '../router/header-mutations.ts';
import { compileBodyFormat, type ValueFormat } from '../router/value-format.ts';
import { compileLogFilter, type RecordPredicate } from '../telemetry/log-filter.ts';
import { readTextSource } from '../text-source.ts';
import type { ExchangeState } from './exchange-state.ts';

interface BodyWriter {
  readonly format: ValueFormat;
  readonly contentType: string;
}

interface CompiledMapper {
  readonly takes: RecordPredicate;
  /** 0: stays. */
  readonly status: number;
  /** undefined: stays. */
  readonly body: string | undefined;
  readonly format: BodyWriter | undefined;
  readonly headers: MutationStep | undefined;
}

/** What a share of answers is decided by. */
type Chance = Pick<EngineRuntime, 'random' | 'values'>;

type Report = (fault: string) => void;

export class LocalReplies {
  readonly #mappers: readonly CompiledMapper[];
  readonly #format: BodyWriter | undefined;

  /** What cannot be compiled is reported and left out. */
  constructor(conf: LocalReply, runtime: Chance, report: Report) {
    this.#mappers = conf.mappers.flatMap((mapper) => compileMapper(mapper, runtime, report) ?? []);
    this.#format = conf.format === undefined ? undefined : compileFormat(conf.format, report);
  }

  /** The body as it is sent; status and headers of the exchange's answer are changed. */
  rewrite(exchange: ExchangeState, body: string): string {
    const mapper = this.#mappers.find(({ takes }) => takes(exchange));
    if (mapper !== undefined) {
      if (mapper.headers !== undefined) applyMutations(mapper.headers, exchange.response, exchange);
      if (mapper.status !== 0) exchange.status = mapper.status;
    }
    const plain = mapper?.body ?? body;
    const writer = mapper?.format ?? this.#format;
    exchange.localReplyBody = plain;
    if (writer === undefined) return plain;
    const written = writer.format(exchange);
    if (written !== '') exchange.response.set('content-type', writer.contentType);
    return written;
  }
}

function compileMapper(mapper: LocalReplyMapper, runtime: Chance, report: Report): CompiledMapper | undefined {
  try {
    return {
      takes: compileLogFilter(
        mapper.filter,
        () => runtime.random(),
        () => runtime.values.current,
      ),
      status: mapper.status,
      body: mapper.body === undefined ? undefined : readBody(mapper.body, report),
      format: mapper.format === undefined ? undefined : compileFormat(mapper.format, report),
      headers: compileAdditions(mapper.headers, report),
    };
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function readBody(source: TextSource, report: Report): string | undefined {
  const read = readTextSource(source);
  if ('text' in read) return read.text;
  report(read.fault);
  return undefined;
}

function compileFormat(format: NonNullable<LocalReply['format']>, report: Report): BodyWriter | undefined {
  const compiled = compileBodyFormat(format);
  if (!('fault' in compiled)) return compiled;
  report(compiled.fault);
  return undefined;
}
