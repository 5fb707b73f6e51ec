/**
 * envoy.extensions.filters.http.grpc_stats.v3: calls of gRPC and their messages, counted at the cluster as `grpc.<service>.<method>.*`, or
 * `grpc.*` for methods that are not listed. Changes nothing.
 */
import type { GrpcStatsFilter as Row } from '@weft/core/proxy-config';
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../../http/exchange.ts';
import { grpcStatusIn } from '../../http/grpc.ts';
import type { ClusterRuntime } from '../../ports.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { MessageCount } from './message-count.ts';
import type { FilterMaker } from '../index.ts';

const NOTHING = new Uint8Array(0);

export class GrpcStatsFilter implements HttpFilter {
  readonly #listed: ReadonlySet<string> | undefined;
  readonly #replaceDots: boolean;

  constructor({ methods, replaceDots }: Row) {
    this.#replaceDots = replaceDots;
    if (methods.kind === 'listed')
      this.#listed = new Set(methods.services.flatMap(({ name, methods: own }) => own.map((one) => `${name}/${one}`)));
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (!exchange.grpc) return CONTINUE;
    const [service, method, ...more] = exchange.head.path.split('/').filter((part) => part !== '');
    if (service === undefined || method === undefined || more.length > 0) return CONTINUE;
    const named = this.#listed === undefined || this.#listed.has(`${service}/${method}`);
    const name = this.#replaceDots ? service.replaceAll('.', '_') : service;
    run.join(index, new CountedCall(exchange, named ? `grpc.${name}.${method}` : 'grpc'));
    return CONTINUE;
  }
}

class CountedCall implements StreamFilter {
  readonly #exchange: Exchange;
  readonly #prefix: string;
  readonly #sent = new MessageCount();
  readonly #received = new MessageCount();

  constructor(exchange: Exchange, prefix: string) {
    this.#exchange = exchange;
    this.#prefix = prefix;
  }

  requestData(bytes: Uint8Array): Uint8Array {
    this.#sent.take(bytes);
    return bytes;
  }

  onAnswer({ response }: Exchange): void {
    this.#status(response.get('grpc-status'));
  }

  answerData(bytes: Uint8Array): Uint8Array {
    this.#received.take(bytes);
    return bytes;
  }

  answerEnd(trailers: FieldBlock | undefined): Uint8Array {
    const told = grpcStatusIn(trailers);
    if (told >= 0) this.#status(String(told));
    return NOTHING;
  }

  ended(): void {
    this.#count('request_message_count', this.#sent.count);
    this.#count('response_message_count', this.#received.count);
  }

  #status(text: string | undefined): void {
    if (text === undefined) return;
    this.#count(/^\d{1,2}$/.test(text) ? text : '-1', 1);
    this.#count(text === '0' ? 'success' : 'failure', 1);
    this.#count('total', 1);
  }

  #count(stat: string, amount: number): void {
    if (amount > 0) clusterOf(this.#exchange)?.counter(`${this.#prefix}.${stat}`).add(amount);
  }
}

/** The route's, also of a request that came no further. */
function clusterOf({ cluster, plan, weighted, context }: Exchange): ClusterRuntime | undefined {
  if (cluster !== undefined) return cluster;
  const target = plan?.forward?.target;
  const name = weighted?.cluster ?? (target?.kind === 'cluster' ? target.cluster : '');
  return context.setting.clusters.get(name);
}

export const make: FilterMaker<'grpc-stats'> = (row) => new GrpcStatsFilter(row);
