/** The service by plain HTTP: 200 lets the request pass, 5xx is no verdict, everything else is what the client gets. */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { AuthzService, StringMatcher } from '@weft/core/proxy-config';
import type { CheckQuestion, CheckVerdict, HeaderChange } from '@weft/core/services';
import type { Call, HeaderPairs, HttpAnswer, HttpCallHandler, ServiceCalls } from '../../calls/port.ts';
import { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { FormatSource } from '../../router/value-format.ts';
import type { FilterParts } from '../index.ts';
import type { AuthzClient, VerdictHandler } from './verdict.ts';

type Service = Extract<AuthzService, { kind: 'http' }>;

/** Octets of an answer. */
const MAX_BODY = 1_048_576;
const NOTHING = new Uint8Array(0);
/** Names of headers of the request that the answer wants gone, itself never passed on. */
const REMOVE = 'x-envoy-auth-headers-to-remove';
/** What the client gets where only some headers are allowed. */
const ALWAYS: ReadonlySet<string> = new Set(['www-authenticate', 'location']);

export class HttpAuthz implements AuthzClient {
  readonly #service: Service;
  readonly #calls: ServiceCalls;
  readonly #added: InitialMetadata;
  readonly #toUpstream: readonly StringPredicate[];
  readonly #appended: readonly StringPredicate[];
  readonly #toClient: readonly StringPredicate[];
  readonly #onSuccess: readonly StringPredicate[];
  readonly #toMetadata: readonly StringPredicate[];

  constructor(service: Service, { calls, report }: FilterParts) {
    const compile = (matchers: readonly StringMatcher[]): StringPredicate[] =>
      matchers.map((matcher) => compileString(matcher, report));
    this.#service = service;
    this.#calls = calls;
    this.#added = new InitialMetadata(service.headers, report);
    this.#toUpstream = compile(service.toUpstream);
    this.#appended = compile(service.appendedToUpstream);
    this.#toClient = compile(service.toClient);
    this.#onSuccess = compile(service.toClientOnSuccess);
    this.#toMetadata = compile(service.toMetadata);
  }

  ask(question: CheckQuestion, source: FormatSource, handler: VerdictHandler): Call {
    const { service, pathPrefix } = this.#service;
    const added = this.#added.of(source);
    const asked = question.headers.filter(
      ([name]) => !name.startsWith(':') && name !== 'content-length' && !added.some(([own]) => own === name),
    );
    const done: HttpCallHandler = {
      httpAnswered: (answer) => handler.verdict(this.#verdict(answer)),
      httpFailed: () => handler.verdict(undefined),
    };
    return this.#calls.http(
      {
        cluster: service.cluster,
        method: question.method,
        authority: question.host,
        path: pathPrefix + question.path,
        headers: [...asked, ...added],
        body: question.body ?? NOTHING,
        timeout: service.timeout,
        maxBody: MAX_BODY,
      },
      done,
    );
  }

  #verdict({ status, headers, body }: HttpAnswer): CheckVerdict | undefined {
    if (status >= 500) return undefined;
    const told = headers.filter(([name]) => name !== REMOVE);
    const metadata = Object.fromEntries(told.filter(([name]) => some(this.#toMetadata, name)));
    if (status === 200) {
      return {
        kind: 'ok',
        request: [...changes(told, this.#toUpstream, 'set'), ...changes(told, this.#appended, 'append-if-exists')],
        remove: headers.filter(([name]) => name === REMOVE).flatMap(([, value]) => names(value)),
        response: changes(told, this.#onSuccess, 'add'),
        querySet: [],
        queryRemove: [],
        metadata,
      };
    }
    const all = this.#toClient.length === 0;
    const passed = told.filter(([name]) => (all ? name !== 'host' : ALWAYS.has(name) || some(this.#toClient, name)));
    return {
      kind: 'denied',
      status,
      headers: passed.map(([name, value]) => ({ name, value, action: 'set' })),
      body: new TextDecoder().decode(body),
      metadata,
    };
  }
}

const some = (predicates: readonly StringPredicate[], name: string): boolean =>
  predicates.some((matches) => matches(name));

const names = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

const changes = (
  headers: HeaderPairs,
  predicates: readonly StringPredicate[],
  action: HeaderChange['action'],
): HeaderChange[] =>
  headers.filter(([name]) => some(predicates, name)).map(([name, value]) => ({ name, value, action }));
