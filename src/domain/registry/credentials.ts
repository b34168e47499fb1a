/** What a client may send to identify itself to a registry. All may be ''. */
export type Credentials = {
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly serverAddress: string;
  readonly identityToken: string;
  readonly registryToken: string;
};
