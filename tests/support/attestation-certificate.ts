import { createPrivateKey } from 'node:crypto'

// A maker's certificate, as hardware that is attested has one, and its key. Signed by itself, until 2120.

const CERTIFICATE = [
  'MIIBvTCCAWSgAwIBAgIBATAKBggqhkjOPQQDAjBPMQswCQYDVQQGEwJYWDENMAsGA1UECgwEVGVzdDEiMCAGA1UECwwZQXV0aGVu',
  'dGljYXRvciBBdHRlc3RhdGlvbjENMAsGA1UEAwwEVGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowTzELMAkG',
  'A1UEBhMCWFgxDTALBgNVBAoMBFRlc3QxIjAgBgNVBAsMGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24xDTALBgNVBAMMBFRlc3Qw',
  'WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS+/1lgU2NLdb/KwLD9VmHXtxwukC+fD60xig4XL2BDWEDW1PqQz/oxEZcclcL9FyMt',
  'pFjv1D2k/MrWGHYIHb3Yoy8wLTAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBQ0c/I7uui/eDvqAGXy8iUsWkdsnjAKBggqhkjOPQQD',
  'AgNHADBEAiA6tuyV5yCx7gBUrTf/C4Aj9wNHNHrHFYZv5c2sDqsvuwIgZcU+QFmiiRCTsvQl6juEYXJckMipdq0NRQM1yqzZGf4=',
].join('')
const KEY = [
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdGWW8DaLEyMij3JlV9bCWv+KTsYnv+nFNemHimPJzWahRANCAAS+',
  '/1lgU2NLdb/KwLD9VmHXtxwukC+fD60xig4XL2BDWEDW1PqQz/oxEZcclcL9FyMtpFjv1D2k/MrWGHYIHb3Y',
].join('')

export const attestationCertificate = new Uint8Array(Buffer.from(CERTIFICATE, 'base64'))
export const attestationKey = createPrivateKey({ key: Buffer.from(KEY, 'base64'), format: 'der', type: 'pkcs8' })
