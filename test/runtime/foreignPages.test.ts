import test from 'ava';
import { refuseForeignPage } from '../../runtime/foreignPages.ts';

const call = { method: 'PUT', host: 'localhost:15000', origin: undefined, fetchSite: undefined };

for (const [title, request, isRefused] of [
  ['curl on localhost may write', call, false],
  ['as may one on 127.0.0.1', { ...call, host: '127.0.0.1:15000' }, false],
  ['and on [::1], through a forwarded port of another number', { ...call, host: '[::1]:8000' }, false],
  ['a name without a port is the same', { ...call, host: 'LOCALHOST' }, false],
  [
    'a name that was made to resolve to 127.0.0.1 may not read',
    { ...call, method: 'GET', host: 'evil.example:15000' },
    true,
  ],
  ['nor may one that begins like ours', { ...call, method: 'GET', host: 'localhost.evil.example' }, true],
  ['nor the address of the pod', { ...call, method: 'GET', host: '10.244.0.7:15000' }, true],
  ['nor 127.0.0.1 written otherwise', { ...call, method: 'GET', host: '0x7f.1:15000' }, true],
  ['nor a user before the name', { ...call, method: 'GET', host: 'localhost@evil.example' }, true],
  ['nor a request without a Host', { ...call, method: 'GET', host: undefined }, true],
  ['nor an empty one', { ...call, method: 'GET', host: '' }, true],
  ['a page of another origin may not write', { ...call, origin: 'http://evil.example' }, true],
  ['nor one of another port', { ...call, origin: 'http://localhost:3000' }, true],
  ['nor one without an origin of its own', { ...call, origin: 'null' }, true],
  ['nor one that a browser calls cross-site', { ...call, fetchSite: 'cross-site' }, true],
  ['nor same-site, which another port is', { ...call, fetchSite: 'same-site' }, true],
  ['with any method that is no question', { ...call, method: 'POST', fetchSite: 'cross-site' }, true],
  ['a page of this origin may write', { ...call, origin: 'http://localhost:15000', fetchSite: 'same-origin' }, false],
  ['what a person typed into a browser may', { ...call, fetchSite: 'none' }, false],
  ['a link in a page may be followed', { ...call, method: 'GET', fetchSite: 'cross-site' }, false],
] as const) {
  test(title, (t) => {
    t.is(refuseForeignPage(request) !== undefined, isRefused);
  });
}
