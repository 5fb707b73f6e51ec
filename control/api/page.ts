/**
 * Pages: what the control plane answers beside objects (proxies, their configuration, tokens, metrics), each given to the server by
 * whoever knows the answer. They share the objects' doors: authentication, limits, the one place for defects.
 */
import type { Result } from '@weft/core/kernel';
import type { Role, User } from './auth/user.ts';
import { ROLES } from './auth/user.ts';
import type { Answer } from './handlers/call.ts';
import { type Params, matchPath } from './routes.ts';
import type { Status } from './status.ts';

export interface PageCall {
  readonly params: Params;
  readonly query: URLSearchParams;
  readonly user: User;
  /** Reads the body as JSON, within the API's limit. */
  json(): Promise<Result<unknown, Status>>;
}

export interface Page {
  readonly method: 'GET' | 'POST';
  /** Such as `/weft/v1/proxies/:namespace/:name`. */
  readonly path: string;
  /** The role, over all namespaces, that it takes; stronger ones do as well. */
  readonly role: Role;
  run(call: PageCall): Promise<Answer> | Answer;
}

export function findPage(
  pages: readonly Page[],
  method: string,
  path: string,
): { readonly page: Page; readonly params: Params } | 'wrong method' | undefined {
  let known = false;
  for (const page of pages) {
    const params = matchPath(page.path, path);
    if (params === undefined) continue;
    if (page.method === method) return { page, params };
    known = true;
  }
  return known ? 'wrong method' : undefined;
}

/** ROLES stand from the strongest to the weakest. */
export const mayOpen = (user: User, page: Page): boolean =>
  user.bindings.some(({ role, namespace }) => namespace === '*' && ROLES.indexOf(role) <= ROLES.indexOf(page.role));
