/**
 * Who sends a request: by the way its connection came in, else by its bearer token. A wrong token is refused even on the Unix socket:
 * who sends one wants to be that user.
 */
import type { IncomingMessage } from 'node:http';
import { sessionToken } from './session.ts';
import type { Tokens } from './tokens.ts';
import type { User } from './user.ts';

/** How a connection came in. `local`: by a Unix socket in a folder that only this uid can enter. */
export type Connection =
  | { readonly via: 'local' }
  | { readonly via: 'tcp' }
  /** A client certificate that whoever accepted the connection has verified and mapped to a user. */
  | { readonly via: 'certificate'; readonly user: User };

export class Authenticator {
  readonly #tokens: Tokens;
  readonly #localUser: User;

  /** `localName`: what the log calls who comes by the Unix socket. */
  constructor(tokens: Tokens, localName = `local:${process.getuid?.() ?? 'user'}`) {
    this.#tokens = tokens;
    this.#localUser = { name: localName, bindings: [{ role: 'admin', namespace: '*' }] };
  }

  /** Whose token this is. */
  holder(token: string): Promise<User | undefined> {
    return this.#tokens.verify(token);
  }

  /** undefined: nobody known (401). */
  async authenticate(request: IncomingMessage, connection: Connection): Promise<User | undefined> {
    const header = request.headers.authorization;
    if (header !== undefined) {
      const match = /^bearer +([^\s]+)$/i.exec(header);
      return match?.[1] === undefined ? undefined : this.#tokens.verify(match[1]);
    }
    if (connection.via === 'local') return this.#localUser;
    if (connection.via === 'certificate') return connection.user;
    const token = sessionToken(request);
    return token === undefined ? undefined : this.#tokens.verify(token);
  }
}
