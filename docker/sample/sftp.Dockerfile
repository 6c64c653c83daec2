# An SFTP account as a department offers it: one folder, no shell.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends openssh-server \
 && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
 && mkdir -p /run/sshd \
 && useradd --create-home --shell /usr/sbin/nologin hub
COPY sshd_config /etc/ssh/sshd_config
COPY start /start
EXPOSE 22
CMD ["/start"]
