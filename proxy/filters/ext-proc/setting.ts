/** What is known before any exchange comes: of the filter, and of the service that it asks. */
import { createRequire } from 'node:module';
import type { ExtProcFilter as Row, ExtProcOverride, MetadataStruct, ProcessingModes } from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { GrpcStream, GrpcStreamHandler, ServiceCalls } from '../../calls/port.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter } from '../../ports.ts';
import type { FilterParts } from '../index.ts';
import { MutationRules } from './mutation-rules.ts';
import { HeaderChoice } from '../header-choice.ts';

const PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
const STATS = [
  'streams_started',
  'stream_msgs_sent',
  'stream_msgs_received',
  'spurious_msgs_received',
  'streams_closed',
  'streams_failed',
  'failure_mode_allowed',
  'message_timeouts',
  'rejected_header_mutations',
  'immediate_responses_sent',
] as const;

const MODES = [
  'requestHeaders',
  'responseHeaders',
  'requestBody',
  'responseBody',
  'requestTrailers',
  'responseTrailers',
] as const satisfies readonly (keyof ProcessingModes)[];

const require = createRequire(import.meta.url);
/** Loaded with the first filter that tells attributes. */
const attributes = () => require('./attributes.ts') as typeof import('./attributes.ts');

/** What exchanges of one filter share. */
export class ProcessorSetting {
  readonly row: Row;
  readonly messages: ServiceMessages;
  readonly headers: HeaderChoice;
  readonly stats: Readonly<Record<(typeof STATS)[number], Counter>>;
  readonly rules: MutationRules;
  /** What the service is told of an exchange beside its messages; undefined: nothing. */
  readonly attributes: ((exchange: Exchange, isRequest: boolean) => MetadataStruct | undefined) | undefined;
  readonly #calls: ServiceCalls;
  readonly #metadata: InitialMetadata;

  constructor(
    row: Row,
    own: ExtProcOverride | undefined,
    { runtime, statPrefix, calls, messages, report }: FilterParts,
  ) {
    const service = own?.service ?? row.service;
    const extra = own?.initialMetadata ?? [];
    this.row = {
      ...row,
      service: { ...service, initialMetadata: [...service.initialMetadata, ...extra] },
      modes: own?.modes ?? row.modes,
      failureModeAllow: own?.failureModeAllow ?? row.failureModeAllow,
    };
    this.messages = messages();
    this.headers = new HeaderChoice(row, 'grpc', report);
    this.rules = new MutationRules(row.mutationRules, report);
    const told = row.requestAttributes.length + row.responseAttributes.length;
    this.attributes = told === 0 ? undefined : attributes().toldOf(row.requestAttributes, row.responseAttributes);
    this.#calls = calls;
    this.#metadata = new InitialMetadata(this.row.service.initialMetadata, report);
    const prefix = `http.${statPrefix}.ext_proc.${row.statPrefix === '' ? '' : `${row.statPrefix}.`}`;
    this.stats = Object.fromEntries(
      STATS.map((stat) => [stat, runtime.counters.counter(prefix + stat)]),
    ) as ProcessorSetting['stats'];
  }

  /** Whether the service may change an exchange's modes to these. */
  mayOverride(modes: ProcessingModes): boolean {
    const { allowModeOverride, allowedOverrideModes: allowed } = this.row;
    const same = (one: ProcessingModes): boolean =>
      MODES.every((mode) => mode === 'requestHeaders' || one[mode] === modes[mode]);
    return allowModeOverride && (allowed.length === 0 || allowed.some(same));
  }

  open(exchange: Exchange, handler: GrpcStreamHandler): GrpcStream {
    const { service } = this.row;
    this.stats.streams_started.add(1);
    const metadata = this.#metadata.of(exchange);
    return this.#calls.stream({ service, path: PATH, metadata, timeout: service.timeout ?? 0 }, handler);
  }
}
