/**
 * One request from its head to its answer: limits, who asks, which path, whether they may, the handler, the answer. Every exception ends
 * here as a 500 without its text, which goes to the log. Never logs headers or bodies: they hold tokens.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from './auth/authenticator.ts';
import { sessionCookie } from './auth/session.ts';
import { authorize, refusal, type User, type Verb } from './auth/user.ts';
import { subjectOf, type Target } from './catalog.ts';
import type { ExtraRoute } from './extra-route.ts';
import type { Answer, ApiContext, Call, Outcome } from './handlers/call.ts';
import { answer, Pieces, refuse } from './handlers/call.ts';
import { acceptedForm } from './request/accept.ts';
import { readJson } from './request/body.ts';
import { isTrue } from './request/list-options.ts';
import { findRoute, type FoundObject, matchPath } from './routes.ts';
import {
  badRequest,
  forbidden,
  internalError,
  methodNotAllowed,
  noSuchPath,
  notAcceptable,
  tooManyRequests,
  unauthorized,
  warningText,
} from './status.ts';

/** A site beside the API, open to everybody: files that hold nothing of the mesh. */
export interface Site {
  /** `/dashboard/` */
  readonly below: string;
  /** Answers for `path` below it. */
  serve(request: IncomingMessage, response: ServerResponse, path: string): void;
}

const SESSION = '/weft/v1/session';

/** Requests answered at the same time, watches not counted. */
export const MAX_RUNNING = 256;
const MAX_URL = 8192;
/** ms without progress after which the connection of a client that does not read its answer is closed. */
const STALLED_MS = 30_000;
/** Warning headers of one answer; the rest is left out so that the head stays small. */
const MAX_WARNINGS = 20;

export class ApiHandler {
  readonly #context: ApiContext;
  #running = 0;

  readonly #extra: readonly ExtraRoute[];
  readonly #site: Site | undefined;

  constructor(context: ApiContext, extra: readonly ExtraRoute[] = [], site?: Site) {
    this.#context = context;
    this.#extra = extra;
    this.#site = site;
  }

  /** Answers; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, connection: Connection): Promise<void> {
    let outcome: Outcome;
    this.#running += 1;
    try {
      outcome =
        this.#running > MAX_RUNNING
          ? refuse(tooManyRequests(`${MAX_RUNNING} requests are running: try again`))
          : await this.#outcome(request, response, connection);
    } catch (error) {
      if (!request.destroyed || request.complete) this.#context.defect(error);
      outcome = refuse(internalError());
    }
    this.#running -= 1;
    if (outcome !== 'streaming') send(request, response, outcome);
  }

  async #outcome(request: IncomingMessage, response: ServerResponse, connection: Connection): Promise<Outcome> {
    const method = request.method ?? '';
    const target = request.url ?? '';
    if (target.length > MAX_URL || !target.startsWith('/')) return refuse(badRequest('the URL cannot be read'));
    const mark = target.indexOf('?');
    const raw = mark < 0 ? target : target.slice(0, mark);
    const path = decodePath(raw);
    if (path === undefined) return refuse(badRequest('the path cannot be read'));
    const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
    // A slash at the end is off already.
    if (this.#site !== undefined && `${path}/`.startsWith(this.#site.below)) {
      this.#site.serve(request, response, path.slice(this.#site.below.length));
      return 'streaming';
    }
    if (path === SESSION) return this.#session(request, response, method);
    const found = findRoute(method === 'HEAD' ? 'GET' : method, path);
    const open = found !== undefined && found !== 'wrong method' && 'open' in found.route && found.route.open === true;
    const user = open ? ANYBODY : await this.#context.authenticator.authenticate(request, connection);
    if (user === undefined) return refuse(unauthorized('a valid bearer token is needed'));
    if (Object.keys(request.headers).some((name) => name.startsWith('impersonate-'))) {
      return refuse(badRequest('impersonation is not served: use a token of that user'));
    }
    const form = acceptedForm(request.headers.accept);
    const base = { context: this.#context, request, response, path, query, user };
    if (found === undefined) return this.#onExtra({ ...base, params: {}, form: form ?? 'object' }, method);
    if (found === 'wrong method') return refuse(methodNotAllowed(method, path.slice(0, 500)));
    const call = { ...base, params: found.params };
    if (!('target' in found)) return found.route.run({ ...call, form: form ?? 'object' });
    if (form === undefined) return refuse(notAcceptable());
    return this.#onObjects({ ...call, form }, found);
  }

  /** Signs a browser in or out. Nobody is asked for before: the token in the body is the proof. */
  async #session(request: IncomingMessage, response: ServerResponse, method: string): Promise<Outcome> {
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') return refuse(badRequest('asked from another site'));
    if (method === 'DELETE') {
      response.setHeader('set-cookie', sessionCookie(''));
      return answer({ signedIn: false });
    }
    if (method !== 'POST') return refuse(methodNotAllowed(method, SESSION));
    const body = await readJson(request);
    if (!body.ok) return refuse(body.error);
    const token =
      typeof body.value === 'object' && body.value !== null && 'token' in body.value ? body.value.token : '';
    const user = typeof token === 'string' ? await this.#context.authenticator.holder(token) : undefined;
    if (user === undefined || typeof token !== 'string') return refuse(unauthorized('this token is not valid'));
    response.setHeader('set-cookie', sessionCookie(token));
    return answer({ signedIn: true, user: user.name });
  }

  async #onExtra(call: Call, method: string): Promise<Outcome> {
    const { path, user } = call;
    let known = false;
    for (const route of this.#extra) {
      const params = matchPath(route.path, path);
      if (params === undefined) continue;
      known = true;
      if (route.method !== method) continue;
      if (route.allowed(user, params)) return route.run({ ...call, params });
      const subject = { group: 'weft', plural: path.split('/')[3] ?? '', name: '' };
      return refuse(forbidden(subject, `user "${user.name}" cannot ${method} ${path.slice(0, 500)}`));
    }
    return refuse(known ? methodNotAllowed(method, path.slice(0, 500)) : noSuchPath(path.slice(0, 500)));
  }

  async #onObjects(call: Call, { route, target }: FoundObject): Promise<Outcome> {
    const verb: Verb = route.verb === 'list' && isTrue(call.query.get('watch') ?? '') ? 'watch' : route.verb;
    const access = accessOf(target, call.params['subresource'] ?? '');
    if (!authorize(call.user, verb, access)) {
      return refuse(forbidden(subjectOf(target), refusal(call.user, verb, access)));
    }
    return route.run(call, target);
  }
}

/** Who asks on open paths: nobody looks at it. */
const ANYBODY: User = { name: 'anybody', bindings: [] };

const accessOf = ({ kind, namespace, name }: Target, subresource: string) => ({
  group: kind.group,
  plural: kind.plural,
  namespace,
  name,
  subresource: subresource === 'status' ? subresource : '',
});

/** Percent-decoded part by part; undefined when it is malformed or a part would contain what separates parts. */
function decodePath(path: string): string | undefined {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  try {
    const parts = trimmed.split('/').map(decodeURIComponent);
    const odd = parts.some(
      (part, index) => /[/\0]/.test(part) || part === '.' || part === '..' || (part === '' && index > 1),
    );
    return odd ? undefined : parts.join('/');
  } catch {
    return undefined;
  }
}

function send(request: IncomingMessage, response: ServerResponse, { code, body, type, warnings = [] }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const text = type === undefined ? `${JSON.stringify(body)}\n` : body instanceof Pieces ? body.octets : String(body);
  const lines = warnings.slice(0, MAX_WARNINGS).map((warning) => `299 - "${quotable(warningText(warning))}"`);
  if (lines.length > 0) response.setHeader('warning', lines);
  if (code === 401) response.setHeader('www-authenticate', 'Bearer realm="weft"');
  if (code === 429) response.setHeader('retry-after', '1');
  // What is left of a body that nobody read must not become the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(code, {
    'content-type': type ?? 'application/json',
    'content-length':
      typeof text === 'string' ? Buffer.byteLength(text) : text.reduce((sum, { length }) => sum + length, 0),
    'cache-control': 'no-cache, private',
    'x-content-type-options': 'nosniff',
  });
  response.setTimeout(STALLED_MS, () => response.destroy());
  if (request.method === 'HEAD') response.end();
  else if (typeof text === 'string') response.end(text);
  else {
    for (const piece of text) response.write(piece);
    response.end();
  }
}

const quotable = (text: string): string =>
  text
    .slice(0, 500)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/["\\]/g, '\\$&');
