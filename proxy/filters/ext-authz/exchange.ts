/** One request that waits for its verdict: its body up to the limit, the call, and what the verdict does. */
import { Buffer } from 'node:buffer';
import type { AuthzBody } from '@weft/core/proxy-config';
import type { CheckVerdict, HeaderChange } from '@weft/core/services';
import type { Call } from '../../calls/port.ts';
import type { Exchange } from '../../http/exchange.ts';
import { routeAgain } from '../../http/request-path.ts';
import { ResponseFlag } from '../../response-flags.ts';
import type { BodyRefusal, StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { VerdictHandler } from './verdict.ts';
import type { AuthzSetting } from './setting.ts';
import { areFields, changeFields, changeQuery, deniedFields, mayChange } from './changes.ts';
import { questionOf } from './question.ts';

const REFUSAL: BodyRefusal = { status: 413, body: 'Payload Too Large', details: 'request_payload_too_large' };
const NAMESPACE = 'envoy.filters.http.ext_authz';
const FORBIDDEN = 403;
const INTERNAL = 500;

export class AuthzExchange implements StreamFilter, VerdictHandler {
  readonly refusal = REFUSAL;
  readonly requestData?: (bytes: Uint8Array) => Uint8Array | undefined;
  readonly #setting: AuthzSetting;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  readonly #body: AuthzBody | undefined;
  readonly #slices: Uint8Array[] = [];
  #octets = 0;
  #asked = false;
  #askedAt = 0;
  #call: Call | undefined;
  #answerChanges: readonly HeaderChange[] = [];

  /** `body` undefined: none is waited for. */
  constructor(setting: AuthzSetting, exchange: Exchange, run: FilterRun, body: AuthzBody | undefined) {
    this.#setting = setting;
    this.#exchange = exchange;
    this.#run = run;
    this.#body = body;
    if (body !== undefined) this.requestData = (bytes) => this.#take(bytes, body);
  }

  get waitsFor(): number {
    return this.#asked ? 0 : (this.#body?.maxBytes ?? 0);
  }

  #take(bytes: Uint8Array, { maxBytes, partial }: AuthzBody): Uint8Array | undefined {
    if (this.#asked) return bytes;
    this.#octets += bytes.length;
    if (this.#octets > maxBytes && !partial) return undefined;
    // A Buffer's slice would be no copy.
    this.#slices.push(new Uint8Array(bytes));
    if (this.#octets >= maxBytes && partial) this.ask();
    return bytes;
  }

  requestEnd(): boolean {
    if (!this.#asked && this.#body !== undefined) this.ask();
    return true;
  }

  ask(): void {
    this.#asked = true;
    const exchange = this.#exchange;
    const shown = this.#body === undefined ? undefined : Buffer.concat(this.#slices.splice(0));
    const body = shown?.subarray(0, this.#body?.maxBytes);
    const partial = body !== undefined && shown !== undefined && body.length < shown.length;
    this.#askedAt = exchange.context.runtime.clock.now();
    const question = questionOf(exchange, this.#setting, body, partial);
    this.#call = this.#setting.client.ask(question, exchange, this);
  }

  verdict(verdict: CheckVerdict | undefined): void {
    this.#call = undefined;
    try {
      if (verdict === undefined) this.#failed();
      else if (this.#isInvalid(verdict)) this.#reject();
      else {
        this.#takeMetadata(verdict);
        if (verdict.kind === 'ok') this.#allow(verdict);
        else this.#deny(verdict);
      }
    } catch (error) {
      this.#exchange.defect(error);
    }
  }

  onAnswer({ response }: Exchange): void {
    changeFields(response, this.#answerChanges);
  }

  ended(): void {
    this.#call?.cancel();
    this.#call = undefined;
  }

  #allow(verdict: Extract<CheckVerdict, { kind: 'ok' }>): void {
    const exchange = this.#exchange;
    const { edit } = exchange.head;
    const { request, remove, querySet, queryRemove } = verdict;
    this.#setting.stats.ok.add(1);
    changeFields(edit, request);
    for (const name of remove) if (mayChange(name)) edit.remove(name);
    if (querySet.length + queryRemove.length > 0) changeQuery(exchange, querySet, queryRemove);
    this.#answerChanges = verdict.response;
    const changed = request.length + remove.length + querySet.length + queryRemove.length > 0;
    if (changed && this.#setting.row.clearRouteCache) routeAgain(exchange);
    this.#run.resume();
  }

  #deny({ status, headers, body }: Extract<CheckVerdict, { kind: 'denied' }>): void {
    this.#setting.stats.denied.add(1);
    this.#answer(status === 0 ? FORBIDDEN : status, body, 'ext_authz_denied', deniedFields(headers));
  }

  #failed(): void {
    const { stats, row } = this.#setting;
    stats.error.add(1);
    if (!row.failureModeAllow) {
      this.#answer(row.statusOnError, '', 'ext_authz_error');
      return;
    }
    stats.failure_mode_allowed.add(1);
    if (row.failureModeHeader) this.#exchange.head.edit.add('x-envoy-auth-failure-mode-allowed', 'true');
    this.#run.resume();
  }

  /** What cannot be put on the wire as it is: nothing of the verdict counts. */
  #reject(): void {
    this.#setting.stats.invalid.add(1);
    this.#answer(INTERNAL, '', 'ext_authz_invalid');
  }

  #answer(status: number, body: string, details: string, headers: readonly (readonly [string, string])[] = []): void {
    this.#exchange.decide(status, body, ResponseFlag.unauthorizedExternalService, details, headers);
    this.#run.answer();
  }

  #isInvalid(verdict: CheckVerdict): boolean {
    return verdict.kind === 'ok'
      ? !areFields(verdict.request) || !areFields(verdict.response)
      : !areFields(verdict.headers);
  }

  #takeMetadata({ metadata, kind }: CheckVerdict): void {
    if (Object.keys(metadata).length === 0) return;
    const { row, stats } = this.#setting;
    if (!row.takesMetadata) {
      stats.ignored_dynamic_metadata.add(1);
      return;
    }
    const exchange = this.#exchange;
    const duration = Math.floor(exchange.context.runtime.clock.now() - this.#askedAt);
    exchange.head.addMetadata(NAMESPACE, kind === 'ok' ? { ...metadata, ext_authz_duration: duration } : metadata);
  }
}
