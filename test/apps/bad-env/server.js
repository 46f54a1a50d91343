if (!process.env.DATABASE_URL) throw new Error('Missing environment variable DATABASE_URL');
