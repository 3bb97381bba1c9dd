// A real OpenID provider on loopback: node provider.mjs PORT REDIRECT_URI. It says "ready" when it listens.
// Who signs in is who `login_hint` names; their password is not what is tested here.
import http from 'node:http';
import Provider from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const accounts = {
  'a1': { preferred_username: 'M.Jansen@voorbeeld.nl', roles: ['spelregel-leiding'], acr: 'hoog' },
  'a2': { preferred_username: 'a.bakker', roles: ['iets', 'spelregel-uwv', 'spelregel-controle'], acr: 'hoog' },
  'a3': { preferred_username: 'z.zonder', roles: ['iets'], acr: 'hoog' },
  'a4': { preferred_username: 'l.laag', roles: ['spelregel-leiding'], acr: 'laag' },
};

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'spelregel',
    client_secret: 'een-geheim-van-de-proef',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [new URL('/console/inloggen', redirectUri).href],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  acrValues: ['hoog', 'laag'],
  claims: { openid: ['sub'], acr: null, profile: ['preferred_username', 'roles'] },
  cookies: { keys: ['a key of this test'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
  async findAccount(ctx, id) {
    const { acr, ...claims } = accounts[id];
    return { accountId: id, claims: () => ({ sub: id, ...claims }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
http.createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  const { params } = await provider.interactionDetails(request, response);
  const accountId = params.login_hint ?? 'a1';
  const result = params.login_hint === 'nobody'
    ? { error: 'access_denied', error_description: 'not today' }
    : { login: { accountId, acr: accounts[accountId].acr } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
