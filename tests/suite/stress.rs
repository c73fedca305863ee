//! Real readers beside a real writer.
