//! The table of places where IAM documents, attachments and identities live.
