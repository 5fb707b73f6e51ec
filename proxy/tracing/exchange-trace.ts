/** The spans of one exchange: its own, and one a try upstream where the connection manager wants them. */
import type { Exchange } from '../http/exchange.ts';
import { conventionName, conventionTags } from './conventions.ts';
import { speaksHttp2 } from '../http2/alpn.ts';
import type { WriteHeader } from './formats/context.ts';
import { newSpanId } from './ids.ts';
import type { TracePlan } from './manager-tracing.ts';
import { type Attribute, type CompiledTag, commonTags, isFault, requestTags } from './tags.ts';
import type { SpanIdentity, Tracer } from './tracer.ts';

export class ExchangeTrace {
  readonly identity: SpanIdentity;
  readonly #tracer: Tracer;
  readonly #plan: TracePlan;
  readonly #egress: boolean;
  readonly #start: number;
  /** The name that the route or the other side gives; '': none. */
  #operation: string;
  /** It is told to the other side, unless that told one itself. */
  #told: string;
  /** Of the try under way; '': none. */
  #tryId = '';
  #tryStart = 0;
  #kept = false;

  constructor(exchange: Exchange, tracer: Tracer, plan: TracePlan, egress: boolean, identity: SpanIdentity) {
    this.identity = identity;
    this.#tracer = tracer;
    this.#plan = plan;
    this.#egress = egress;
    this.#start = tracer.wall.now();
    this.#operation = plan.decorated;
    this.#told = plan.propagates ? plan.decorated : '';
    this.#passOperation(exchange);
  }

  get traceId(): string {
    return this.identity.traceId;
  }

  get spanId(): string {
    return this.identity.spanId;
  }

  /** Its span goes to where spans go; of one that chance left out that is known at its end. */
  get reported(): boolean {
    return this.identity.sampled || this.#kept;
  }

  /** A caller's word on the name counts where requests come in; where they go out ours is told to whom they go to. */
  #passOperation({ head: { edit } }: Exchange): void {
    if (this.#egress) {
      if (this.#told !== '') edit.set('x-envoy-decorator-operation', this.#told);
      return;
    }
    const asked = edit.get('x-envoy-decorator-operation');
    if (asked === undefined) return;
    if (asked !== '') {
      this.#operation = asked;
      this.#told = '';
    }
    edit.remove('x-envoy-decorator-operation');
  }

  /** The same the other way round, with the answer. */
  answered({ response }: Exchange): void {
    if (!this.#egress) {
      if (this.#told !== '') response.set('x-envoy-decorator-operation', this.#told);
      return;
    }
    const asked = response.get('x-envoy-decorator-operation');
    if (asked === undefined) return;
    if (asked !== '') this.#operation = asked;
    response.remove('x-envoy-decorator-operation');
  }

  /** A try is about to be sent: its head tells of the span that it belongs to. */
  tryStarts(exchange: Exchange): void {
    const { identity } = this;
    if (this.#plan.spawnsUpstream) {
      this.#tryId = newSpanId();
      this.#tryStart = this.#tracer.wall.now();
    }
    if (!this.#plan.propagatesContext) return;
    const { edit } = exchange.head;
    const own = this.#tryId === '';
    const context = own ? identity : { ...identity, spanId: this.#tryId, parentId: identity.spanId };
    const write: WriteHeader = (name, value) => edit.add(name, value);
    for (const format of identity.formats) {
      for (const name of format.headers) edit.remove(name);
      format.write(context, write);
    }
  }

  /** `status`: of its answer, 0 without one. */
  tryEnds(exchange: Exchange, status: number): void {
    if (this.#tryId === '') return;
    if (this.identity.sampled) this.#reportTry(exchange, status);
    this.#tryId = '';
  }

  end(exchange: Exchange): void {
    this.tryEnds(exchange, exchange.status);
    const { traceId, spanId, parentId, traceState, shared, remoteParent, sampled } = this.identity;
    const duration = this.#tracer.wall.now() - this.#start;
    const kept = sampled ? '' : this.#keptFor(exchange, duration);
    if (!sampled && kept === '') return;
    this.#kept = kept !== '';
    const plan = this.#plan;
    const attributes = requestTags(exchange, this.#tracer.node, plan.maxPath);
    const { byConventions } = this.#tracer;
    if (byConventions) attributes.push(...conventionTags(exchange, plan.kind === 'client'));
    if (kept !== '') attributes.push(['weft.kept', kept]);
    const said = byConventions ? conventionName(exchange) : plan.operation?.(exchange);
    this.#tracer.report({
      traceId,
      spanId,
      parentId,
      remoteParent,
      traceState,
      name: this.#operation || said || this.#tracer.spanName(this.#egress, exchange.authority),
      kind: plan.kind,
      start: this.#start,
      duration,
      attributes: withTags(attributes, plan.tags, exchange),
      error: isFault(exchange),
      ...(shared ? { shared } : {}),
      ...(sampled ? {} : { unsampled: true as const }),
    });
  }

  /** Why the span of a request is kept that chance left out; '': it is not. */
  #keptFor(exchange: Exchange, duration: number): '' | 'error' | 'slow' {
    const { tail } = this.#tracer;
    if (tail === undefined) return '';
    if (tail.errors && isFault(exchange)) return 'error';
    return tail.slowerThan > 0 && duration > tail.slowerThan ? 'slow' : '';
  }

  #reportTry(exchange: Exchange, status: number): void {
    const plan = this.#plan;
    const { traceId, spanId, traceState } = this.identity;
    const address = exchange.endpoint?.address ?? '';
    const error = status === 0 || status >= 500;
    const attributes: Attribute[] = [
      ['http.protocol', speaksHttp2(exchange.upstream?.alpn ?? '') ? 'HTTP/2' : 'HTTP/1.1'],
      ['upstream_address', address],
      ['peer.address', address],
      ...commonTags(exchange, status),
    ];
    if (error) attributes.push(['error', 'true']);
    const cluster = exchange.cluster?.name ?? exchange.clusterName;
    this.#tracer.report({
      traceId,
      spanId: this.#tryId,
      parentId: spanId,
      remoteParent: false,
      traceState,
      name: plan.upstreamOperation?.(exchange) || `router ${exchange.cluster?.config.altStatName || cluster} egress`,
      kind: 'client',
      start: this.#tryStart,
      duration: this.#tracer.wall.now() - this.#tryStart,
      attributes: withTags(attributes, plan.tags, exchange),
      error,
    });
  }
}

/** A tag of the configuration stands instead of one of the same name. */
function withTags(attributes: Attribute[], tags: readonly CompiledTag[], exchange: Exchange): readonly Attribute[] {
  for (const { name, read } of tags) {
    const value = read(exchange);
    if (value === undefined || value === '') continue;
    const at = attributes.findIndex(([known]) => known === name);
    if (at < 0) attributes.push([name, value]);
    else attributes[at] = [name, value];
  }
  return attributes;
}
