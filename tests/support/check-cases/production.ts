import { type CheckCase, developing, given, good } from './case.ts'

export const productionCases: Record<string, CheckCase> = {
  'security.W001': {
    fails: [given({ BACKEND_CORS_ORIGINS: 'https://app.example.com,http://user:hunter2@app.example.com' })],
    says: /^BACKEND_CORS_ORIGINS has http:\/\/app\.example\.com$/,
    passes: [good, developing({ BACKEND_CORS_ORIGINS: 'http://localhost:5173' })],
  },
  'security.W002': {
    fails: [given({ LOG_LEVEL: 'DEBUG' })],
    says: /^LOG_LEVEL is DEBUG$/,
    passes: [good, developing({ LOG_LEVEL: 'DEBUG' })],
  },
  'security.W003': {
    fails: [given({ ENVIRONMENT: 'development' }), given({ ENVIRONMENT: 'test' })],
    says: /^ENVIRONMENT is (development|test)$/,
    passes: [good],
  },
  'security.W006': {
    fails: [given({ TRUSTED_PROXIES: '10.0.0.1,128.0.0.0/1' }), given({ TRUSTED_PROXIES: '2000::/3' })],
    says: /^TRUSTED_PROXIES has (128\.0\.0\.0\/1|2000::\/3)$/,
    passes: [
      good,
      given({ TRUSTED_PROXIES: '10.0.0.0/8,fc00::/7,loopback,::1' }),
      developing({ TRUSTED_PROXIES: '0.0.0.0/1' }),
    ],
  },
  'security.W007': {
    fails: [given({ TRUSTED_PROXIES: '' })],
    says: /TRUSTED_PROXIES is empty$/,
    passes: [good, given({ TRUSTED_PROXIES: '', PUBLIC_URL: '' }), developing({ PUBLIC_URL: 'https://api.localhost' })],
  },
  'security.W008': {
    fails: [given({ PUBLIC_URL: 'http://user:hunter2@api.example.com/v1' })],
    says: /^PUBLIC_URL is http:\/\/api\.example\.com$/,
    passes: [good, given({ PUBLIC_URL: '' }), developing({ PUBLIC_URL: 'http://localhost:8000' })],
  },
  'security.W009': {
    fails: [given({ BODY_LIMIT_MB: '101' })],
    says: /^BODY_LIMIT_MB is 101$/,
    passes: [given({ BODY_LIMIT_MB: '100' }), developing({ BODY_LIMIT_MB: '1024' })],
  },
}
