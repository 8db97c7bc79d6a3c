# install tree and package files
