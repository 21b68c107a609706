// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IMembershipRegistry} from "./IMembershipRegistry.sol";
import {ISigned} from "./ISigned.sol";

/// @title Memberships by signature
/// @notice Whatever a payer or a holder does itself, anyone may submit for it with its EIP-712 signature (of a key or by
/// ERC-1271), so that nobody needs native coin. The signature fixes every value, the payer included. A payer's
/// signature is used once because what it pays for changes: a registration fills its empty slot, a renewal moves the expiry
/// that it names. A holder's names the nonce of the membership.
interface IRelayedMemberships is ISigned {
    /// @notice The payer left the home to the relayer, who is no operator's node.
    error NotAnOperator(address relayer);
    /// @notice The last nonce is reserved: this holder acts itself from now on.
    error NoncesUsedUp(uint256 idCommitment, address holder);

    /// @notice `register`, paid by `payer`, who signs
    /// `Register(uint256 idCommitment,uint16 rateLimit,address holder,uint32 home,uint256 maxPrice,address payer,uint40 deadline)`.
    /// A signed home of `RELAYER_HOME` names the operator whose node the caller is.
    function registerFor(
        IMembershipRegistry.Registration calldata registration,
        uint256 maxPrice,
        address payer,
        uint40 deadline,
        bytes calldata signature
    ) external returns (uint32 index);

    /// @notice `renew`, paid by `payer`, who signs
    /// `Renew(uint256 idCommitment,address holder,uint40 expiry,uint256 maxPrice,address payer,uint40 deadline)`
    /// with the expiry before this renewal.
    function renewFor(
        uint256 idCommitment,
        address holder,
        uint256 maxPrice,
        address payer,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice `exit` of the holder, who signs `Exit(uint256 idCommitment,address holder,uint16 nonce,uint40 deadline)`.
    function exitFor(
        uint256 idCommitment,
        address holder,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice `setHome` of the holder, who signs
    /// `SetHome(uint256 idCommitment,address holder,uint32 home,uint16 nonce,uint40 deadline)`.
    function setHomeFor(
        uint256 idCommitment,
        address holder,
        uint32 home,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice What the payer signs for `registerFor`.
    function registerDigest(
        IMembershipRegistry.Registration calldata registration,
        uint256 maxPrice,
        address payer,
        uint40 deadline
    ) external view returns (bytes32);

    /// @notice What the payer signs for `renewFor`.
    function renewDigest(
        uint256 idCommitment,
        address holder,
        uint40 expiry,
        uint256 maxPrice,
        address payer,
        uint40 deadline
    ) external view returns (bytes32);

    /// @notice What the holder signs for `exitFor`.
    function exitDigest(
        uint256 idCommitment,
        address holder,
        uint16 nonce,
        uint40 deadline
    ) external view returns (bytes32);

    /// @notice What the holder signs for `setHomeFor`.
    function setHomeDigest(
        uint256 idCommitment,
        address holder,
        uint32 home,
        uint16 nonce,
        uint40 deadline
    ) external view returns (bytes32);

    /// @notice The home to sign for "the operator that relays this": 2³² − 1, which is never an operator's id.
    // solhint-disable-next-line func-name-mixedcase
    function RELAYER_HOME() external view returns (uint32);
}
