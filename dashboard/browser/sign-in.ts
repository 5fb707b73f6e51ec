/** Asks for a token of the API; it is kept in a cookie that no script can read. */
import { type ComponentChildren as Child, h } from 'preact';
import { useState } from 'preact/hooks';

export function SignIn({ onDone }: { onDone: () => void }): Child {
  const [problem, setProblem] = useState('');
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = String(new FormData(event.target as HTMLFormElement).get('token') ?? '').trim();
    const response = await fetch('/weft/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return onDone();
    const { message = `refused (${response.status})` } = (await response.json().catch(() => ({}))) as {
      message?: string;
    };
    setProblem(message);
  };
  return h(
    'main',
    { class: 'sign-in' },
    h('h1', null, 'weft'),
    h(
      'form',
      {
        class: 'panel',
        onSubmit: (event: Event) => void send(event).catch((error: unknown) => setProblem(String(error))),
      },
      h('label', null, 'Token ', h('input', { name: 'token', type: 'password', autocomplete: 'off', required: true })),
      h('button', { type: 'submit' }, 'Sign in'),
      problem === '' ? null : h('p', { class: 'problem', role: 'alert' }, problem),
      h(
        'p',
        { class: 'quiet' },
        'weft token create --api-user NAME --role view makes one. On the machine of the control plane weft dashboard needs none.',
      ),
    ),
  );
}
