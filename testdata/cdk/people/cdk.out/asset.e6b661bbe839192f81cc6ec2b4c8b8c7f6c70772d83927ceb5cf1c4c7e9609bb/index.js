exports.handler = async () => 'hello';
