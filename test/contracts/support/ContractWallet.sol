// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev An account with code, whose signatures hold as long as it says so (ERC-1271).
contract ContractWallet {
    mapping(bytes32 digest => bool) public signs;

    function sign(bytes32 digest, bool yes) external {
        signs[digest] = yes;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return signs[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @dev Makes the wallet act as a person.
    function act(address target, bytes calldata call) external {
        (bool ok, bytes memory answer) = target.call(call);
        if (ok) return;
        assembly {
            revert(add(answer, 0x20), mload(answer))
        }
    }
}
